import { defineLoss, softplus, type Tensor } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';

/**
 * The logistic loss of labels −1 and 1: ℓ = log(1 + exp(−t·x)).
 *
 * Shapes: input and target [*], any and equal; the target may be integers. `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: PyTorch's `SoftMarginLoss`. Logits of any size are safe, where PyTorch's overflow.
 */
export const softMarginLoss = /* @__PURE__ */ defineLoss({
  name: 'softMarginLoss',
  task: 'embedding', // targets of ±1, which tables of two classes (0 and 1) do not have
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('softMarginLoss', input, target);
    return softplus(asFloat(target, input).mul(input).neg());
  },
});
