import type { Tensor } from './tensor.js';
import type { Parameter } from './variable.js';

/** Structural: `fit` takes anything of this shape. */
export interface Model {
  forward(input: Tensor): Tensor;
  parameters(): Parameter[];
  /** true for training, false for evaluation. */
  train(on?: boolean): void;
}
