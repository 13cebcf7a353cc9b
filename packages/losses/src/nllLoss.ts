import { defineLoss, integer, type Tensor, tensorOption } from '@kindling/core';
import { classDimension, classIndices } from './common/classTarget.js';
import { negativeLogLikelihood } from './common/negativeLogLikelihood.js';
import { classWeights } from './common/weights.js';

/**
 * The negative log likelihood of log-probabilities.
 *
 * ℓ = −w_t·x_t for log-probabilities x, class index t and class weights w (1 where not given). The mean is Σℓ / Σw_t
 * over the samples whose t is not `ignoreIndex`; ignored samples count 0. If all are ignored, the mean is NaN.
 *
 * Shapes: input [C], [N, C] or [N, C, d1, …]; target class indices (int32) of shape [], [N] or [N, d1, …], which is also
 * the shape with `reduction: 'none'`.
 *
 * Defaults: no `weight`, `ignoreIndex` −100, `reduction` 'mean'.
 *
 * Errors: a target of another shape or of floats, a weight that is not one a class. A class index outside of
 * 0 … C − 1 is reported when a result is read.
 *
 * Source: PyTorch's `NLLLoss`. For logits use `crossEntropyLoss`.
 */
export const nllLoss = /* @__PURE__ */ defineLoss({
  name: 'nllLoss',
  task: 'classification',
  output: 'logProbabilities',
  options: {
    weight: tensorOption({ optional: true, description: 'one weight a class' }),
    ignoreIndex: integer({ default: -100, description: 'samples with this class index count for nothing' }),
  },
  compute: ({ weight, ignoreIndex }, input: Tensor, target: Tensor) => {
    const dim = classDimension('nllLoss', input);
    const weights = classWeights('nllLoss', weight, input, dim);
    const indices = classIndices('nllLoss', input, target, dim);
    return negativeLogLikelihood(input, indices, dim, { weights, ignoreIndex, labelSmoothing: 0 });
  },
});
