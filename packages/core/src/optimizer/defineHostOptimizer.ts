import type { Fields, Given, Resolved } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { Parameter } from '../variable.js';
import { withMaximize } from './groupedOptimizer.js';
import { HostDrivenOptimizer, type ModelState } from './hostDrivenOptimizer.js';
import type { HostOptimizer, OptimizerFactory, Params } from './optimizer.js';

export interface HostOptimizerDefinition<N extends string, F extends Fields, H extends Record<string, number>> {
  readonly name: N;
  /** Must have `lr`. `maximize` comes from the framework. */
  readonly options: F;
  /** What the options must fulfil together; a message where they do not. */
  readonly check?: (options: Resolved<F>) => string | undefined;
  /** Options that make it steadier than its defaults, for messages where training diverged. */
  readonly steadier?: Given<NoInfer<F>>;
  /** Numbers of the whole model, and what they are before the first step; saved with the state. */
  readonly numbers: H;
  /** One step: any program. It leaves the parameters with their new values. */
  readonly step: (a: {
    readonly options: Resolved<F>;
    /** All of them, also those without a gradient. */
    readonly parameters: readonly Parameter[];
    /** To be changed in place. */
    readonly numbers: { -readonly [K in keyof H]: number };
    readonly state: ModelState;
    /**
     * Loss and gradients, with other values in the parameters where some are given; they stay there. For `maximize`
     * both are turned round.
     */
    readonly evaluate: (values?: readonly Tensor[]) => {
      readonly loss: Tensor;
      /** In the order of the parameters; undefined for one that the loss does not depend on. */
      readonly gradients: readonly (Tensor | undefined)[];
    };
    /** Several 0-d tensors of one dtype, read at once. */
    readonly read: (...tensors: readonly Tensor[]) => Promise<number[]>;
  }) => Promise<void>;
}

/**
 * An optimizer that reads numbers in a step to decide how to go on, as a line search does. A compiled function cannot
 * contain its step; the closure can be one.
 */
export function defineHostOptimizer<const N extends string, F extends Fields, H extends Record<string, number>>(
  definition: HostOptimizerDefinition<N, F, H>,
): OptimizerFactory<N, F, HostOptimizer> {
  const schema = withMaximize(definition.options);
  const rules = { ...definition, init: () => ({}), scalars: () => ({}) };
  const factory = (params: Params<F>, options?: Given<F> & { maximize?: boolean }): HostOptimizer =>
    new HostDrivenOptimizer(rules, schema, params as never, options ?? {});
  return Object.assign(factory, { kind: 'optimizer' as const, optimizerName: definition.name, schema });
}
