import type { Backend } from '../backend.js';
import type { Field, Fields, Given, OptionsSchema } from '../options.js';
import type { Tensor } from '../tensor.js';
import type { Parameter } from '../variable.js';

/** Parameters that share options. The options may be changed at any time: they are read at every step. */
export interface Group {
  params: Parameter[];
  lr: number;
  [option: string]: unknown;
}

/** Clears the gradients, computes the loss, calls `backward`, and gives the loss. It may be called several times. */
export type Closure = () => Tensor;

/** What all optimizers have in common, and all that schedules, `fit` and checkpoints use. */
export interface Optimizer {
  readonly optimizerName: string;
  readonly groups: Group[];
  /** Whether a compiled function may contain a step. false: a step reads numbers to decide by, and is asynchronous. */
  readonly compiles: boolean;
  /** Options that would make it steadier than it is, where its definition knows some. */
  readonly steadier?: Readonly<Record<string, unknown>>;
  /** Takes a step. The closure's loss before it is the result. */
  step(closure: Closure): Tensor | Promise<Tensor>;
  /** Forgets the gradients. */
  zeroGrad(): void;
  /**
   * Which weights the parameters hold: those that are trained (true, as in the beginning), or those that shall be
   * measured and used (false). For most optimizers they are the same.
   */
  train(on?: boolean): void;
  /** Step counts, options and state, under names that `loadStateDict` knows. */
  stateDict(): Record<string, Tensor>;
  /** Continues exactly where the state was saved; the groups must have the same parameters. */
  loadStateDict(state: Record<string, Tensor>): void;
  /** Moves the state to a backend; the parameters are the model's to move. Await it before the next step. */
  to(backend: Backend): Promise<void>;
}

/** Steps along gradients that are there: after `backward`, or of a closure. */
export interface GradientOptimizer extends Optimizer {
  readonly compiles: true;
  /** Updates the parameters that have a gradient, and realises the losses given to `backward`. */
  step(): void;
  step(closure: Closure): Tensor;
}

/** Wants gradients at several points of a step, and so a closure. */
export interface ClosureOptimizer extends Optimizer {
  readonly compiles: true;
  step(closure: Closure): Tensor;
}

/** Wants a closure, and reads what it gives to decide how to go on. */
export interface HostOptimizer extends Optimizer {
  readonly compiles: false;
  step(closure: Closure): Promise<Tensor>;
}

/** Parameters, or groups of them with options of their own. */
export type Params<F extends Fields> = Iterable<Parameter> | Iterable<Given<F> & { params: Iterable<Parameter> }>;

/** An optimizer by name, with options. `O` says what its step needs. */
export interface OptimizerFactory<
  N extends string = string,
  F extends Fields = Fields,
  O extends Optimizer = Optimizer,
> {
  (params: Params<F>, options?: Given<F> & { maximize?: boolean }): O;
  readonly kind: 'optimizer';
  readonly optimizerName: N;
  readonly schema: OptionsSchema<F & { maximize: Field<boolean> }>;
}
