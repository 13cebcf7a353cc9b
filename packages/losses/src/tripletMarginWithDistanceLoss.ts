import { boolean, code, defineLoss, number, type Tensor } from '@kindling/core';
import { pairwiseDistance } from './common/norm.js';
import { tripletMargin } from './common/triplet.js';

/**
 * `tripletMarginLoss` with a distance d of your own: ℓ = max(0, d(a, p) − d(a, n) + margin). With `swap`, d(p, n) takes the
 * place of d(a, n) where it is less.
 *
 * `tripletMarginWithDistanceLoss({ distanceFunction: (a, b) => a.sub(b).abs().max(-1) })(anchor, positive, negative)`.
 *
 * Shapes: all [N, *], equal; `reduction: 'none'` gives what `distanceFunction` gives, usually [N].
 *
 * Defaults: `distanceFunction` ‖x − y + 1e-6‖₂ over the last dimension, `margin` 1, `swap` false, `reduction` 'mean'. The
 * function can be given in code only.
 *
 * Errors: shapes that differ; a `margin` that is not positive.
 *
 * Source: PyTorch's `TripletMarginWithDistanceLoss`.
 */
export const tripletMarginWithDistanceLoss = /* @__PURE__ */ defineLoss({
  name: 'tripletMarginWithDistanceLoss',
  task: 'embedding',
  inputs: ['anchor', 'positive', 'negative'],
  output: 'embedding',
  options: {
    distanceFunction: code<((a: Tensor, b: Tensor) => Tensor) | undefined>({
      default: undefined,
      description: 'the distances of two batches, differentiable',
    }),
    margin: number({ default: 1, exclusiveMinimum: 0, description: 'how much nearer the positive should be' }),
    swap: boolean({ default: false, description: 'measure the negative from the positive where that is less' }),
  },
  compute: (
    { distanceFunction = (a: Tensor, b: Tensor) => pairwiseDistance(a, b, 2, 1e-6), ...how },
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
  ) => tripletMargin('tripletMarginWithDistanceLoss', [anchor, positive, negative], distanceFunction, how),
});
