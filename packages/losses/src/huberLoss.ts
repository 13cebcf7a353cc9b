import { defineLoss, number } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';
import type { WeightedInputs } from './common/elementwise.js';
import { quadraticThenLinear } from './common/quadraticThenLinear.js';
import { weightOf } from './common/weights.js';

/**
 * Quadratic for small errors and linear for large ones: with a = |x − t|, ℓ = a²/2 for a < δ, else δ·(a − δ/2).
 * Equals `smoothL1Loss` with beta δ, times δ.
 *
 * A third tensor weighs each element: `huberLoss()(input, target, weight)`. The mean divides by the number of elements,
 * whatever the weights, unlike that of `mseLoss` and `l1Loss`: so does PyTorch.
 *
 * Shapes: input, target and weight [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `delta` 1, `reduction` 'mean'. Errors: shapes that differ; a `delta` that is not positive.
 *
 * Source: PyTorch's `HuberLoss`; the weight is that of its `huber_loss`.
 */
export const huberLoss = /* @__PURE__ */ defineLoss({
  name: 'huberLoss',
  task: 'regression',
  inputs: ['input', 'target', 'weight?'],
  output: 'value',
  options: { delta: number({ default: 1, exclusiveMinimum: 0, description: 'the error at which it becomes linear' }) },
  compute: ({ delta }, ...[input, target, ...weight]: WeightedInputs) => {
    const loss = quadraticThenLinear(absoluteError('huberLoss', input, target), delta);
    const w = weightOf('huberLoss', weight, input);
    return w === undefined ? loss : loss.mul(w);
  },
});
