import { boolean, defineLoss, dimension, expm1, integer, number, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { logProbabilities, normalised, smoothed } from './common/keras.js';
import { labelSmoothing } from './common/labelSmoothing.js';
import { safePow } from './common/safePow.js';

/**
 * Cross-entropy that pays less attention to what is predicted well:
 * ℓ = −α·Σ_c (1 − p_c)^γ · ((1 − ε)·q_c + ε/C) · log p_c, with ε = `labelSmoothing`.
 *
 * With `fromLogits`, p = softmax(x) for logits x of any size. Without, the input is probabilities: they are divided by
 * their sum over the classes and clipped to [1e-7, 1 − 1e-7].
 *
 * Shapes: input [*, C] with the classes in dimension `axis`; target probabilities q (floats), usually one-hot, of the
 * input's shape. Beyond Keras, class indices (int32) of shape [*] are taken as one-hot rows. `reduction: 'none'` gives
 * [*].
 *
 * Defaults: `alpha` 0.25, `gamma` 2, `fromLogits` false, `labelSmoothing` 0, `axis` −1, `reduction` 'mean'.
 *
 * Errors: a target of neither form, a `labelSmoothing` outside of 0 … 1, a negative `alpha` or `gamma`.
 *
 * Source: Keras 3's `CategoricalFocalCrossentropy`; Lin et al., "Focal Loss for Dense Object Detection".
 */
export const categoricalFocalCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'categoricalFocalCrossEntropy',
  task: 'classification',
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: {
    alpha: number({ default: 0.25, minimum: 0, description: 'a factor of the whole' }),
    gamma: number({ default: 2, minimum: 0, description: 'how little attention easy examples get' }),
    fromLogits: boolean({ default: false, description: 'the input is logits, not probabilities' }),
    labelSmoothing: /* @__PURE__ */ labelSmoothing(),
    axis: integer({ default: -1, description: 'the dimension of the classes' }),
  },
  compute: ({ alpha, gamma, fromLogits, labelSmoothing, axis }, input: Tensor, target: Tensor) => {
    const dim = dimension('categoricalFocalCrossEntropy', axis, input.shape);
    const given = asProbabilities('categoricalFocalCrossEntropy', input, target, dim);
    const q = smoothed(given, labelSmoothing, input.shape[dim]);
    const log = logProbabilities(input, dim, fromLogits);
    const missed = fromLogits ? expm1(log).neg() : normalised(input, dim).neg().add(1);
    return safePow(missed, gamma).mul(log).mul(q).sum(dim).mul(-alpha);
  },
});
