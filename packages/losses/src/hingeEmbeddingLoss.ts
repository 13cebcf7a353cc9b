import { defineLoss, number, type Tensor, where } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';
import { hinge } from './common/hinge.js';

/**
 * For distances x of pairs that are alike (t = 1) or not (t = −1): ℓ = x where t is 1, max(0, margin − x) where it is −1.
 *
 * Shapes: input and target [*], any and equal; the target may be integers. `reduction: 'none'` gives [*].
 *
 * Defaults: `margin` 1, `reduction` 'mean'. Errors: shapes that differ. A target that is neither gets the sum of both.
 *
 * Source: PyTorch's `HingeEmbeddingLoss`.
 */
export const hingeEmbeddingLoss = /* @__PURE__ */ defineLoss({
  name: 'hingeEmbeddingLoss',
  task: 'embedding',
  output: 'value',
  options: { margin: number({ default: 1, description: 'pairs that differ should be this far apart' }) },
  compute: ({ margin }, input: Tensor, target: Tensor) => {
    requireSameShape('hingeEmbeddingLoss', input, target);
    const apart = where(target.eq(1), 0, hinge(input.neg().add(margin)));
    return where(target.eq(-1), 0, input).add(apart);
  },
});
