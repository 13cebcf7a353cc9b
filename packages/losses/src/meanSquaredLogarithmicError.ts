import { clamp, defineLoss, log1p, type Tensor } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';

/**
 * The squared difference of logarithms: ℓ = (log(1 + max(t, 1e-7)) − log(1 + max(x, 1e-7)))². What lies below has no
 * gradient.
 *
 * Shapes: input and target [*], any and equal. `reduction: 'none'` gives [*], where Keras has taken the mean over the last
 * dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `MeanSquaredLogarithmicError`.
 */
export const meanSquaredLogarithmicError = /* @__PURE__ */ defineLoss({
  name: 'meanSquaredLogarithmicError',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('meanSquaredLogarithmicError', input, target);
    const error = log1p(clamp(target, epsilon)).sub(log1p(clamp(input, epsilon)));
    return error.mul(error);
  },
});
