import { defineLoss, dimension, integer, maximum, type Tensor } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';
import { safeSqrt } from './common/norm.js';

/**
 * The cosine of the angle between input and target, negated: ℓ = −Σ x·t / (‖x‖·‖t‖) over dimension `axis`; −1 where they
 * point the same way. A length below 1e-7 counts as 1e-7, so that the loss of a zero vector is 0.
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives the shape without dimension `axis`.
 *
 * Defaults: `axis` −1, `reduction` 'mean'. Errors: shapes that differ; an `axis` that is not there.
 *
 * Source: Keras 3's `CosineSimilarity`.
 */
export const cosineSimilarity = /* @__PURE__ */ defineLoss({
  name: 'cosineSimilarity',
  task: 'embedding',
  output: 'embedding',
  options: { axis: integer({ default: -1, description: 'the dimension along which vectors lie' }) },
  compute: ({ axis }, input: Tensor, target: Tensor) => {
    requireSameShape('cosineSimilarity', input, target);
    const dim = dimension('cosineSimilarity', axis, input.shape);
    const unit = (x: Tensor): Tensor => x.div(maximum(safeSqrt(x.mul(x).sum(dim, { keepDim: true })), epsilon));
    return unit(target).mul(unit(input)).sum(dim).neg();
  },
});
