import { defineLoss, dimension, integer, logSoftmax, number, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';

/**
 * Cross-entropy with the first coefficient of its power series in 1 − p changed by ε:
 * ℓ = −Σ_c q_c·log p_c + ε·(1 − Σ_c q_c·p_c), with p = softmax(x).
 *
 * Shapes: input logits [*, C] with the classes in dimension `axis`; target probabilities q (floats), usually one-hot, of the
 * input's shape, or class indices (int32) of shape [*]. `reduction: 'none'` gives [*].
 *
 * Defaults: `epsilon` 2, `axis` −1, `reduction` 'mean'. Errors: a target of neither form; an `epsilon` below −1, where it is
 * no longer a loss.
 *
 * Source: Optax's `poly_loss_cross_entropy`; Leng et al., "PolyLoss: A Polynomial Expansion Perspective of Classification
 * Loss Functions". Logits of any size are safe.
 */
export const polyLoss = /* @__PURE__ */ defineLoss({
  name: 'polyLoss',
  task: 'classification',
  output: 'logits',
  options: {
    epsilon: number({ default: 2, minimum: -1, description: 'added to the first coefficient' }),
    axis: integer({ default: -1, description: 'the dimension of the classes' }),
  },
  compute: ({ epsilon, axis }, input: Tensor, target: Tensor) => {
    const dim = dimension('polyLoss', axis, input.shape);
    const q = asProbabilities('polyLoss', input, target, dim);
    const log = logSoftmax(input, dim);
    const missed = q.mul(log.exp().neg().add(1)).sum(dim);
    return missed.mul(epsilon).sub(q.mul(log).sum(dim));
  },
});
