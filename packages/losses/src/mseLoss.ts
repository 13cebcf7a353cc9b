import { defineLoss, type Tensor } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';

/**
 * The squared error, ℓ = (x − t)².
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ; nothing is broadcast.
 *
 * Source: PyTorch's `MSELoss`.
 */
export const mseLoss = /* @__PURE__ */ defineLoss({
  name: 'mseLoss',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('mseLoss', input, target);
    const error = input.sub(target);
    return error.mul(error);
  },
});
