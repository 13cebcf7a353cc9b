import { defineLoss, integer, logSoftmax, type Tensor, tensorOption } from '@kindling/core';
import { classDimension, classTarget } from './common/classTarget.js';
import { labelSmoothing } from './common/labelSmoothing.js';
import { negativeLogLikelihood } from './common/negativeLogLikelihood.js';
import { classWeights } from './common/weights.js';

/**
 * Softmax and negative log likelihood in one: the usual loss of classification.
 *
 * With logits x, p = softmax(x) over the classes, class weights w (1 where not given) and ε = `labelSmoothing`:
 * - class index t: ℓ = −(1 − ε)·w_t·log p_t − ε/C · Σ_c w_c·log p_c. The mean is Σℓ / Σw_t over the samples whose t is
 *   not `ignoreIndex`; ignored samples count 0. If all are ignored, the mean is NaN and the sum 0.
 * - class probabilities q: ℓ = −Σ_c w_c·((1 − ε)·q_c + ε/C)·log p_c. The mean divides by the number of samples, whatever
 *   the weights; `ignoreIndex` has no meaning.
 *
 * Shapes: input [C], [N, C] or [N, C, d1, …]; target class indices (int32) of shape [], [N] or [N, d1, …], or class
 * probabilities (floats) of the input's shape. `reduction: 'none'` gives [], [N] or [N, d1, …].
 *
 * Defaults: no `weight`, `ignoreIndex` −100, `labelSmoothing` 0, `reduction` 'mean'.
 *
 * Errors: a target of neither form, a float target of the indices' shape, a weight that is not one a class. A class
 * index outside of 0 … C − 1 is reported when a result is read.
 *
 * Source: PyTorch's `CrossEntropyLoss`. Logits of any size are safe.
 */
export const crossEntropyLoss = /* @__PURE__ */ defineLoss({
  name: 'crossEntropyLoss',
  task: 'classification',
  output: 'logits',
  options: {
    weight: tensorOption({ optional: true, description: 'one weight a class' }),
    ignoreIndex: integer({ default: -100, description: 'samples with this class index count for nothing' }),
    labelSmoothing: /* @__PURE__ */ labelSmoothing(),
  },
  compute: ({ weight, ignoreIndex, labelSmoothing }, input: Tensor, target: Tensor) => {
    const dim = classDimension('crossEntropyLoss', input);
    const weights = classWeights('crossEntropyLoss', weight, input, dim);
    const form = classTarget('crossEntropyLoss', input, target, dim);
    const logProbabilities = logSoftmax(input, dim);
    if ('indices' in form)
      return negativeLogLikelihood(logProbabilities, form.indices, dim, { weights, ignoreIndex, labelSmoothing });
    const q =
      labelSmoothing > 0
        ? form.probabilities.mul(1 - labelSmoothing).add(labelSmoothing / input.shape[dim])
        : form.probabilities;
    return logProbabilities
      .mul(weights === undefined ? q : q.mul(weights))
      .sum(dim)
      .neg();
  },
});
