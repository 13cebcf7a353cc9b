import { defineLoss, type Tensor } from '@kindling/core';
import { signedLabels } from './common/binaryLabels.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { hinge } from './common/hinge.js';

/**
 * The squared hinge of labels −1 and 1: ℓ = max(0, 1 − t·x)². If all labels are 0 or 1, 0 is taken for −1.
 *
 * Shapes: input and target [*], any and equal; the target may be integers or booleans. `reduction: 'none'` gives [*],
 * where Keras has taken the mean over the last dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `SquaredHinge`.
 */
export const squaredHinge = /* @__PURE__ */ defineLoss({
  name: 'squaredHinge',
  task: 'binary',
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('squaredHinge', input, target);
    const short = hinge(signedLabels(asFloat(target, input)).mul(input).neg().add(1));
    return short.mul(short);
  },
});
