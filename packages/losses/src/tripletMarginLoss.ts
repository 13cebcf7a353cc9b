import { boolean, defineLoss, number, type Tensor } from '@kindling/core';
import { pairwiseDistance } from './common/norm.js';
import { tripletMargin } from './common/triplet.js';

/**
 * The anchor a should be nearer to the positive p than to the negative n: ℓ = max(0, d(a, p) − d(a, n) + margin), with
 * d(x, y) = ‖x − y + eps‖_p over the last dimension. With `swap`, d(p, n) takes the place of d(a, n) where it is less.
 *
 * Called with three tensors: `tripletMarginLoss()(anchor, positive, negative)`.
 *
 * Shapes: all [*, D], equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `margin` 1, `p` 2 (Infinity is the greatest difference), `eps` 1e-6, `swap` false, `reduction` 'mean'.
 *
 * Errors: shapes that differ; a `margin` or `p` that is not positive, a negative `eps`.
 *
 * Source: PyTorch's `TripletMarginLoss`; Balntas et al., "Learning local feature descriptors with triplets and shallow
 * convolutional neural networks".
 */
export const tripletMarginLoss = /* @__PURE__ */ defineLoss({
  name: 'tripletMarginLoss',
  task: 'embedding',
  inputs: ['anchor', 'positive', 'negative'],
  output: 'embedding',
  options: {
    margin: number({ default: 1, exclusiveMinimum: 0, description: 'how much nearer the positive should be' }),
    p: number({ default: 2, exclusiveMinimum: 0, description: 'the norm that measures distances' }),
    eps: number({ default: 1e-6, minimum: 0, description: 'added to each difference' }),
    swap: boolean({ default: false, description: 'measure the negative from the positive where that is less' }),
  },
  compute: ({ p, eps, ...how }, anchor: Tensor, positive: Tensor, negative: Tensor) =>
    tripletMargin('tripletMarginLoss', [anchor, positive, negative], (a, b) => pairwiseDistance(a, b, p, eps), how),
});
