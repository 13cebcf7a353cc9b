import { boolean, defineLoss, number, type Tensor } from '@kindling/core';
import { binaryCrossEntropy as ofLogits } from './common/binaryCrossEntropy.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { clipped, smoothed } from './common/keras.js';

/**
 * Keras's binary cross-entropy: ℓ = −t'·log p − (1 − t')·log(1 − p) with t' = t·(1 − ε) + ε/2, ε = `labelSmoothing`.
 *
 * With `fromLogits`, p = σ(x) for logits x of any size. Without, the input is probabilities, clipped to [1e-7, 1 − 1e-7].
 *
 * Shapes: input and target [*], any and equal; the target may be floats, integers or booleans. `reduction: 'none'` gives
 * [*], where Keras has taken the mean over the last dimension.
 *
 * Defaults: `fromLogits` false, `labelSmoothing` 0, `reduction` 'mean'. Errors: shapes that differ, a `labelSmoothing`
 * outside of 0 … 1.
 *
 * Source: Keras 3's `BinaryCrossentropy`.
 */
export const binaryCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'binaryCrossEntropy',
  task: ['binary', 'multilabel'],
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: {
    fromLogits: boolean({ default: false, description: 'the input is logits, not probabilities' }),
    labelSmoothing: number({ default: 0, minimum: 0, maximum: 1, description: 'how far targets move towards ½' }),
  },
  compute: ({ fromLogits, labelSmoothing }, input: Tensor, target: Tensor) => {
    requireSameShape('binaryCrossEntropy', input, target);
    const t = smoothed(asFloat(target, input), labelSmoothing, 2);
    if (fromLogits) return ofLogits(input, t, undefined);
    const [yes, no] = [clipped(input), clipped(input.neg().add(1))];
    return t.mul(yes.log()).add(t.neg().add(1).mul(no.log())).neg();
  },
});
