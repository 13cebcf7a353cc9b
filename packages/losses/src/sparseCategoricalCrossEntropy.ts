import { boolean, defineLoss, dimension, integer, logSoftmax, type Tensor, where } from '@kindling/core';
import { classIndices } from './common/classTarget.js';
import { clipped } from './common/keras.js';
import { optionalInteger } from './common/optionalInteger.js';

/**
 * Keras's cross-entropy with class indices: ℓ = −log p_t.
 *
 * With `fromLogits`, p = softmax(x). Without, the input is probabilities: they are divided by their sum over the classes
 * and clipped to [1e-7, 1 − 1e-7]. Samples whose t is `ignoreClass` count 0, and the mean is taken over the others; it is
 * 0 if there are none.
 *
 * Shapes: input [*, C] with the classes in dimension `axis`; target class indices (int32) of shape [*], which is also the
 * shape with `reduction: 'none'`.
 *
 * Defaults: `fromLogits` false, no `ignoreClass`, `axis` −1, `reduction` 'mean'.
 *
 * Errors: a target of another shape or of floats. A class index outside of 0 … C − 1 that is not `ignoreClass` is
 * reported when a result is read.
 *
 * Source: Keras 3's `SparseCategoricalCrossentropy`.
 */
export const sparseCategoricalCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'sparseCategoricalCrossEntropy',
  task: 'classification',
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: {
    fromLogits: boolean({ default: false, description: 'the input is logits, not probabilities' }),
    ignoreClass: optionalInteger({ description: 'samples with this class index count for nothing' }),
    axis: integer({ default: -1, description: 'the dimension of the classes' }),
  },
  compute: ({ fromLogits, ignoreClass, axis }, input: Tensor, target: Tensor) => {
    const dim = dimension('sparseCategoricalCrossEntropy', axis, input.shape);
    const given = classIndices('sparseCategoricalCrossEntropy', input, target, dim);
    const counts = ignoreClass === undefined ? undefined : given.ne(ignoreClass);
    // before the gather: an ignored label may not be a class
    const indices = counts === undefined ? given : where(counts, given, 0);
    const atClass = (t: Tensor): Tensor => t.gather(dim, indices.unsqueeze(dim)).reshape(target.shape);
    const loss = fromLogits
      ? atClass(logSoftmax(input, dim)).neg()
      : clipped(atClass(input).div(input.sum(dim)))
          .log()
          .neg();
    if (counts === undefined) return loss;
    const weight = counts.to(input.dtype);
    // Keras calls the mean of nothing 0: any weight but 0 makes it so
    return { value: where(counts, loss, 0), weight: where(weight.sum().eq(0), 1, weight) };
  },
});
