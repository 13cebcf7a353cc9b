import { boolean, defineLoss, dimension, integer, logSoftmax, number, oneHot, type Tensor } from '@kindling/core';
import { classTarget } from './common/classTarget.js';
import { clippedLog } from './common/clippedLog.js';

/** A probability a class: as given, or 1 at the class index. */
function asProbabilities(input: Tensor, target: Tensor, dim: number): Tensor {
  const form = classTarget('categoricalCrossEntropy', input, target, dim);
  if ('probabilities' in form) return form.probabilities;
  const rows = oneHot(form.indices, input.shape[dim], { dtype: input.dtype as 'float32' });
  const order = input.shape.map((_, d) => (d === dim ? rows.shape.length - 1 : d < dim ? d : d - 1));
  return rows.permute(...order);
}

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
    labelSmoothing: number({
      default: 0,
      minimum: 0,
      maximum: 1,
      description: 'part of the target that is spread evenly over all classes',
    }),
    axis: integer({ default: -1, description: 'the dimension of the classes' }),
  },
  compute: ({ fromLogits, labelSmoothing, axis }, input: Tensor, target: Tensor) => {
    const dim = dimension('categoricalCrossEntropy', axis, input.shape);
    const given = asProbabilities(input, target, dim);
    const q = labelSmoothing > 0 ? given.mul(1 - labelSmoothing).add(labelSmoothing / input.shape[dim]) : given;
    const logProbabilities = fromLogits
      ? logSoftmax(input, dim)
      : clippedLog(input.div(input.sum(dim, { keepDim: true })));
    return logProbabilities.mul(q).sum(dim).neg();
  },
});
