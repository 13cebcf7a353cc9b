import type { Fields, Given, Resolved } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { ParameterRules } from './defineOptimizer.js';
import { withMaximize } from './groupedOptimizer.js';
import { ModelOptimizer } from './modelOptimizer.js';
import type { ClosureOptimizer, GradientOptimizer, OptimizerFactory, Params } from './optimizer.js';

/** One parameter, as an update of the whole model sees it. */
export interface MemberOf<F extends Fields, S, C> {
  /** The value before the step. */
  readonly parameter: Tensor;
  /** The gradient there; turned round for `maximize`. */
  readonly gradient: Tensor;
  readonly state: S;
  /** The numbers of its group and step. */
  readonly scalars: { readonly [K in keyof C]: Tensor };
  readonly options: Resolved<F>;
}

/** Loss and gradients with other values in the parameters; they have their own again afterwards. */
export type Evaluate = (values: readonly Tensor[]) => {
  readonly loss: Tensor;
  /** In the order of the members; turned round for `maximize`. */
  readonly gradients: readonly Tensor[];
};

/** What an update of the whole model is given. */
export type ModelUpdate<F extends Fields, S, C, G, Q extends boolean> = {
  /** The parameters that have a gradient. */
  readonly members: readonly MemberOf<F, S, C>[];
  readonly shared: G;
  /** The sum of a 0-d tensor of each. */
  readonly total: (term: (member: MemberOf<F, S, C>) => Tensor) => Tensor;
} & (Q extends true ? { readonly evaluate: Evaluate } : unknown);

/** What it gives back: `M` for each member, in their order. */
export interface ModelUpdated<M, G> {
  readonly members: readonly M[];
  readonly shared?: G;
}

export interface ModelOptimizerDefinition<
  N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number>,
  G extends Record<string, Tensor>,
  Q extends boolean,
> extends ParameterRules<N, F, S, C, H> {
  /** Tensors of the whole model, at the first step; saved with the state. */
  readonly shared?: (members: readonly Pick<MemberOf<F, S, C>, 'parameter' | 'options'>[]) => G;
  /** Whether `update` calls `evaluate`: then `step` needs a closure. */
  readonly closure?: Q;
  /** Traced once, as the update of one parameter is. */
  readonly update: (
    a: ModelUpdate<F, S, C, G, Q>,
  ) => ModelUpdated<{ readonly parameter: Tensor; readonly state: S }, G>;
  /** The weight to measure and to use, where it is not the one that is trained. */
  readonly evaluation?: (a: { readonly parameter: Tensor; readonly state: S; readonly options: Resolved<F> }) => Tensor;
}

/**
 * An optimizer that sees all parameters in a step, may ask for gradients elsewhere, and may have other weights for
 * evaluation. All its mathematics is on tensors, so that a compiled function can contain a step.
 */
export function defineModelOptimizer<
  const N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number> = Record<string, never>,
  G extends Record<string, Tensor> = Record<string, never>,
  Q extends boolean = false,
>(
  definition: ModelOptimizerDefinition<N, F, S, C, H, G, Q>,
): OptimizerFactory<N, F, Q extends true ? ClosureOptimizer : GradientOptimizer> {
  const schema = withMaximize(definition.options);
  const factory = (params: Params<F>, options?: Given<F> & { maximize?: boolean }) =>
    new ModelOptimizer(definition, schema, params as never, options ?? {}) as never;
  return Object.assign(factory, { kind: 'optimizer' as const, optimizerName: definition.name, schema });
}
