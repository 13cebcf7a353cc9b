import { defineLoss, number, type Tensor } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';
import { quadraticThenLinear } from './common/quadraticThenLinear.js';

/**
 * Quadratic for small errors and linear for large ones: with a = |x − t|, ℓ = a²/2 for a < δ, else δ·(a − δ/2).
 * Equals `smoothL1Loss` with beta δ, times δ.
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `delta` 1, `reduction` 'mean'. Errors: shapes that differ; a `delta` that is not positive.
 *
 * Source: PyTorch's `HuberLoss`.
 */
export const huberLoss = /* @__PURE__ */ defineLoss({
  name: 'huberLoss',
  task: 'regression',
  output: 'value',
  options: { delta: number({ default: 1, exclusiveMinimum: 0, description: 'the error at which it becomes linear' }) },
  compute: ({ delta }, input: Tensor, target: Tensor) =>
    quadraticThenLinear(absoluteError('huberLoss', input, target), delta),
});
