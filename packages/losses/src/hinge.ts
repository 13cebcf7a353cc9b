import { defineLoss, type Tensor } from '@kindling/core';
import { signedLabels } from './common/binaryLabels.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { hinge as positivePart } from './common/hinge.js';

/**
 * The hinge of labels −1 and 1: ℓ = max(0, 1 − t·x). If all labels are 0 or 1, 0 is taken for −1.
 *
 * Shapes: input and target [*], any and equal; the target may be integers or booleans. `reduction: 'none'` gives [*],
 * where Keras has taken the mean over the last dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `Hinge`, also Optax's `hinge_loss`.
 */
export const hinge = /* @__PURE__ */ defineLoss({
  name: 'hinge',
  task: 'binary',
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('hinge', input, target);
    return positivePart(signedLabels(asFloat(target, input)).mul(input).neg().add(1));
  },
});
