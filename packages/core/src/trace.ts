import type { Tensor } from './tensor.js';
import type { Parameter, Variable } from './variable.js';

/** A computation on the host that a compiled function repeats at every call, such as the step count of an optimizer. */
export interface Effect {
  run(): void;
}

/** What a compiled function's body does while it is traced. */
export class Trace {
  /** Values that decided which operations there are. */
  readonly guards: { readonly read: () => unknown; readonly value: unknown }[] = [];
  /** Parameters whose gradient was read or set, with the gradient they had. */
  readonly gradients = new Map<Parameter, Tensor | undefined>();
  readonly assigned = new Set<Variable>();
  readonly effects: Effect[] = [];
}
