import { defineLoss, isFloat, KindlingError, logSoftmax, type Tensor, where } from '@kindling/core';
import { asFloat, requireSameShape, requireShape } from './common/elementwise.js';

/**
 * The cross-entropy of ranking: scores x of the items of a list should be high where relevances t are.
 * ℓ = −Σ_i t_i·log(exp x_i / Σ_j exp x_j) over the last dimension.
 *
 * A third tensor, true or 1 where there is an item, lets lists have different lengths:
 * `rankingSoftmaxLoss()(scores, relevances, mask)`. Lists without an item do not count in the mean.
 *
 * Shapes: scores, relevances and mask [*, N], equal; the relevances may be integers. `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ, a mask of floats.
 *
 * Source: Optax's `ranking_softmax_loss`, whose weights are factors of the relevances; Cao et al., "Learning to Rank: From
 * Pairwise Approach to Listwise Approach".
 */
export const rankingSoftmaxLoss = /* @__PURE__ */ defineLoss({
  name: 'rankingSoftmaxLoss',
  task: 'ranking',
  inputs: ['scores', 'relevances', 'mask?'],
  output: 'value',
  options: {},
  compute: (_options, ...[input, target, ...masks]: [scores: Tensor, relevances: Tensor, ...mask: Tensor[]]) => {
    requireSameShape('rankingSoftmaxLoss', input, target);
    const t = asFloat(target, input);
    const [mask] = masks;
    if (mask === undefined) return logSoftmax(input, -1).mul(t).sum(-1).neg();
    requireShape('rankingSoftmaxLoss', 'the mask', mask, input.shape);
    if (isFloat(mask.dtype))
      throw new KindlingError(`rankingSoftmaxLoss: the mask is ${mask.dtype}; give booleans or integers`);
    const there = mask.ne(0);
    // far below every score, but finite: differences with −∞ may be NaN
    const lowest = where(there, input, 0).min(-1, { keepDim: true }).detach();
    const log = logSoftmax(where(there, input, lowest.sub(1e4)), -1);
    return {
      value: where(there, log.mul(t), 0).sum(-1).neg(),
      weight: there.any(-1).to(input.dtype),
    };
  },
});
