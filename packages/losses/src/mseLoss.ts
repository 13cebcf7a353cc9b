import { defineLoss } from '@kindling/core';
import { requireSameShape, type WeightedInputs } from './common/elementwise.js';
import { weighted } from './common/weights.js';

/**
 * The squared error, ℓ = (x − t)².
 *
 * A third tensor weighs each element: `mseLoss()(input, target, weight)`, ℓ = w·(x − t)², and the mean is Σℓ / Σw.
 *
 * Shapes: input, target and weight [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ; nothing is broadcast.
 *
 * Source: PyTorch's `MSELoss`; the weight is that of its `mse_loss`.
 */
export const mseLoss = /* @__PURE__ */ defineLoss({
  name: 'mseLoss',
  task: 'regression',
  inputs: ['input', 'target', 'weight?'],
  output: 'value',
  options: {},
  compute: (_options, ...[input, target, ...weight]: WeightedInputs) => {
    requireSameShape('mseLoss', input, target);
    const error = input.sub(target);
    return weighted('mseLoss', error.mul(error), weight);
  },
});
