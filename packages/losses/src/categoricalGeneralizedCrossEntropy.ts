import { defineLoss, number, type Tensor } from '@kindling/core';
import { classIndices } from './common/classTarget.js';
import { safePow } from './common/safePow.js';

/**
 * A cross-entropy for labels some of which are wrong: ℓ = (1 − p_t^q) / q for probabilities p and class index t. It lies
 * between the cross-entropy (q → 0) and the mean absolute error (q → 1), which a few wrong labels harm less.
 *
 * Shapes: input probabilities [*, C]; target class indices (int32) [*], which is also the shape with `reduction: 'none'`.
 *
 * Defaults: `q` 0.5, `reduction` 'mean'. Errors: a `q` that is not between 0 and 1, a target of another shape or of floats. A
 * class index outside of 0 … C − 1 is reported when a result is read.
 *
 * Source: Keras 3's `CategoricalGeneralizedCrossEntropy`; Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training
 * Deep Neural Networks with Noisy Labels".
 */
export const categoricalGeneralizedCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'categoricalGeneralizedCrossEntropy',
  task: 'classification',
  output: 'probabilities',
  options: {
    q: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'how little wrong labels harm' }),
  },
  compute: ({ q }, input: Tensor, target: Tensor) => {
    const dim = input.shape.length - 1;
    const index = classIndices('categoricalGeneralizedCrossEntropy', input, target, dim);
    const p = input.gather(dim, index.unsqueeze(dim)).squeeze(dim);
    return safePow(p, q).neg().add(1).div(q);
  },
});
