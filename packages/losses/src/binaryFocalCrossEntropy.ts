import { boolean, clamp, defineLoss, number, type Tensor } from '@kindling/core';
import { binaryCrossEntropy, chances } from './common/binaryCrossEntropy.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { clipped, smoothed } from './common/keras.js';
import { safePow } from './common/safePow.js';

/**
 * Binary cross-entropy that pays less attention to what is predicted well:
 * ℓ = (1 − p_t)^γ · −(t·log p + (1 − t)·log(1 − p)), with p_t = t·p + (1 − t)·(1 − p). `applyClassBalancing` multiplies by
 * t·α + (1 − t)·(1 − α), and `labelSmoothing` ε takes t to t·(1 − ε) + ε/2 first.
 *
 * With `fromLogits`, p = σ(x) for logits x of any size. Without, the input is probabilities, clipped to [1e-7, 1 − 1e-7].
 *
 * Shapes: input and target [*], any and equal; the target may be floats, integers or booleans. `reduction: 'none'` gives
 * [*], where Keras has taken the mean over the last dimension.
 *
 * Defaults: `applyClassBalancing` false, `alpha` 0.25, `gamma` 2, `fromLogits` false, `labelSmoothing` 0, `reduction`
 * 'mean'. Errors: shapes that differ, an `alpha` or `labelSmoothing` outside of 0 … 1, a negative `gamma`.
 *
 * Source: Keras 3's `BinaryFocalCrossentropy`; Lin et al., "Focal Loss for Dense Object Detection".
 */
export const binaryFocalCrossEntropy = /* @__PURE__ */ defineLoss({
  name: 'binaryFocalCrossEntropy',
  task: ['binary', 'multilabel'],
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: {
    applyClassBalancing: boolean({ default: false, description: 'weigh the positive class by alpha' }),
    alpha: number({ default: 0.25, minimum: 0, maximum: 1, description: 'weight of the positive class' }),
    gamma: number({ default: 2, minimum: 0, description: 'how little attention easy examples get' }),
    fromLogits: boolean({ default: false, description: 'the input is logits, not probabilities' }),
    labelSmoothing: number({ default: 0, minimum: 0, maximum: 1, description: 'how far targets move towards ½' }),
  },
  compute: ({ applyClassBalancing, alpha, gamma, fromLogits, labelSmoothing }, input: Tensor, target: Tensor) => {
    requireSameShape('binaryFocalCrossEntropy', input, target);
    const t = smoothed(asFloat(target, input), labelSmoothing, 2);
    const rest = t.neg().add(1);
    const [yes, no] = fromLogits ? chances(input) : [clipped(input), clipped(input.neg().add(1))];
    const crossEntropy = fromLogits
      ? binaryCrossEntropy(input, t, undefined)
      : t.mul(yes.log()).add(rest.mul(no.log())).neg();
    // 1 − p_t, without the cancellation
    const missed = clamp(t.mul(no).add(rest.mul(yes)), 0);
    const loss = safePow(missed, gamma).mul(crossEntropy);
    return applyClassBalancing ? loss.mul(t.mul(alpha).add(rest.mul(1 - alpha))) : loss;
  },
});
