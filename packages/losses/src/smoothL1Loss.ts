import { defineLoss, number, type Tensor } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';
import { quadraticThenLinear } from './common/quadraticThenLinear.js';

/**
 * Quadratic for small errors and linear for large ones: with a = |x − t|, ℓ = a² / (2β) for a < β, else a − β/2.
 * β = 0 is `l1Loss`. Equals `huberLoss` with delta β, divided by β.
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `beta` 1, `reduction` 'mean'. Errors: shapes that differ; a negative `beta`.
 *
 * Source: PyTorch's `SmoothL1Loss`.
 */
export const smoothL1Loss = /* @__PURE__ */ defineLoss({
  name: 'smoothL1Loss',
  task: 'regression',
  output: 'value',
  options: { beta: number({ default: 1, minimum: 0, description: 'the error at which it becomes linear' }) },
  compute: ({ beta }, input: Tensor, target: Tensor) => {
    const error = absoluteError('smoothL1Loss', input, target);
    return beta === 0 ? error : quadraticThenLinear(error, beta).div(beta);
  },
});
