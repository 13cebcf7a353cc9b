import { commit } from '../evaluate.js';
import { enableGrad, noGrad } from '../node.js';
import type { Fields, Given, OptionsSchema, Resolved } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { Parameter } from '../variable.js';
import { GroupedOptimizer, type Rules, type Updated, withMaximize } from './groupedOptimizer.js';
import type { Closure, GradientOptimizer, OptimizerFactory, Params } from './optimizer.js';

/** What a step knows and keeps of one parameter. */
export interface ParameterRules<
  N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number>,
> {
  readonly name: N;
  /** Must have `lr`. `maximize` comes from the framework. */
  readonly options: F;
  /** What the options must fulfil together; a message where they do not. */
  readonly check?: (options: Resolved<F>) => string | undefined;
  /** Options that make it steadier than its defaults, for messages where training diverged. */
  readonly steadier?: Given<NoInfer<F>>;
  /** Which parameters it can train; a message for those that it cannot. */
  readonly accepts?: (parameter: Tensor) => string | undefined;
  /** Tensor state of one parameter, at its first step. */
  readonly init: (parameter: Tensor, options: Resolved<F>) => S;
  /** Host numbers that follow from those of the step before, such as a sum of learning rates; saved with the state. */
  readonly counts?: {
    readonly start: H;
    readonly next: (options: Resolved<F>, step: number, before: NoInfer<H>) => NoInfer<H>;
  };
  /** Host arithmetic in float64, once a step (the first is 1); each result reaches the kernel as a run-time scalar. */
  readonly scalars: (options: Resolved<F>, step: number, counts: NoInfer<H>) => C;
}

export interface OptimizerDefinition<
  N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number> = Record<string, never>,
> extends ParameterRules<N, F, S, C, H> {
  /** Traced once. Numbers that change belong in `scalars`; an option read here makes a program of its own. */
  readonly update: (a: {
    readonly parameter: Tensor;
    readonly gradient: Tensor;
    readonly state: S;
    readonly scalars: { readonly [K in keyof C]: Tensor };
    readonly options: Resolved<F>;
  }) => { readonly parameter: Tensor; readonly state: S };
}

/** An optimizer from its update rule for one parameter: groups, state, saving and stepping come from here. */
export function defineOptimizer<
  const N extends string,
  F extends Fields,
  S extends Record<string, Tensor>,
  C extends Record<string, number>,
  H extends Record<string, number> = Record<string, never>,
>(definition: OptimizerDefinition<N, F, S, C, H>): OptimizerFactory<N, F, GradientOptimizer> {
  const schema = withMaximize(definition.options);
  const factory = (params: Params<F>, options?: Given<F> & { maximize?: boolean }): GradientOptimizer =>
    new ParameterOptimizer(definition as never, schema, params as never, options ?? {}) as GradientOptimizer;
  return Object.assign(factory, { kind: 'optimizer' as const, optimizerName: definition.name, schema });
}

class ParameterOptimizer extends GroupedOptimizer {
  readonly compiles = true;
  readonly #update: (member: unknown) => Updated;

  constructor(
    definition: Rules & { update: (member: unknown) => Updated },
    schema: OptionsSchema<Fields>,
    params: Iterable<Parameter>,
    options: Record<string, unknown>,
  ) {
    super(definition, schema, params, options);
    this.#update = definition.update;
  }

  step(closure?: Closure): Tensor | undefined {
    const loss = closure && enableGrad(closure);
    noGrad(() => {
      for (const member of this.members()) this.write(member, this.#update(member));
    });
    commit();
    return loss;
  }

  /** The weights that are trained are those that are used. */
  train(): void {}
}
