import { boolean, defineLoss, dimension, integer, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { logProbabilities, smoothed } from './common/keras.js';
import { labelSmoothing } from './common/labelSmoothing.js';

/**
 * Keras's cross-entropy with a probability a class: ℓ = −Σ_c ((1 − ε)·q_c + ε/C)·log p_c, with ε = `labelSmoothing`.
 *
 * With `fromLogits`, p = softmax(x). Without, the input is probabilities: they are divided by their sum over the classes
 * and clipped to [1e-7, 1 − 1e-7].
 *
 * Shapes: input [*, C] with the classes in dimension `axis`; target probabilities q (floats), usually one-hot, of the
 * input's shape. Beyond Keras, class indices (int32) of shape [*] are taken as one-hot rows. `reduction: 'none'` gives
 * [*].
 *
 * Defaults: `fromLogits` false, `labelSmoothing` 0, `axis` −1, `reduction` 'mean'.
 *
 * Errors: a target of neither form.
 *
 * Source: Keras 3's `CategoricalCrossentropy`.
 */
export const categoricalCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'categoricalCrossEntropy',
  task: 'classification',
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: {
    fromLogits: boolean({ default: false, description: 'the input is logits, not probabilities' }),
    labelSmoothing: /* @__PURE__ */ labelSmoothing(),
    axis: integer({ default: -1, description: 'the dimension of the classes' }),
  },
  compute: ({ fromLogits, labelSmoothing, axis }, input: Tensor, target: Tensor) => {
    const dim = dimension('categoricalCrossEntropy', axis, input.shape);
    const given = asProbabilities('categoricalCrossEntropy', input, target, dim);
    const q = smoothed(given, labelSmoothing, input.shape[dim]);
    return logProbabilities(input, dim, fromLogits).mul(q).sum(dim).neg();
  },
});
