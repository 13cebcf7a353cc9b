import { defineLoss, maximum, type Tensor } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';

/**
 * The error in per cent of the target: ℓ = 100·|x − t| / max(|t|, 1e-7).
 *
 * Shapes: input and target [*], any and equal. `reduction: 'none'` gives [*], where Keras has taken the mean over the last
 * dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `MeanAbsolutePercentageError`.
 */
export const meanAbsolutePercentageError = /* @__PURE__ */ defineLoss({
  name: 'meanAbsolutePercentageError',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('meanAbsolutePercentageError', input, target);
    return target.sub(input).div(maximum(target.abs(), epsilon)).abs().mul(100);
  },
});
