import { boolean, defineLoss, isFloat, type Tensor, where } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { requireSameShape } from './common/elementwise.js';

/**
 * The Kullback-Leibler divergence of a target distribution t from a predicted one, which is given as log-probabilities x.
 *
 * ℓ = t·(log t − x), 0 where t is 0; with `logTarget` the target is log t as well, ℓ = eᵗ·(t − x).
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*]. Beyond PyTorch, class indices (int32) of shape
 * [*] go with an input [*, C], as one-hot rows; not with `logTarget`. `reduction: 'batchmean'` divides the sum by
 * the size of the first dimension: the divergence as mathematics has it. 'mean' divides by the number of elements.
 *
 * Defaults: `logTarget` false, `reduction` 'mean'. Errors: shapes that differ. Negative targets give NaN.
 *
 * Source: PyTorch's `KLDivLoss`.
 */
export const klDivLoss = /* @__PURE__ */ defineLoss({
  name: 'klDivLoss',
  task: 'classification',
  output: 'logProbabilities',
  options: { logTarget: boolean({ default: false, description: 'the target is log-probabilities, too' }) },
  reductions: {
    batchmean: (value, _weight, [input]) => (input.shape.length === 0 ? value : value.sum().div(input.shape[0])),
  },
  compute: ({ logTarget }, input: Tensor, target: Tensor) => {
    // a target of another rank can only be class indices
    const indices = !logTarget && !isFloat(target.dtype) && target.shape.length < input.shape.length;
    if (!indices) requireSameShape('klDivLoss', input, target);
    if (logTarget) return target.exp().mul(target.sub(input));
    const t = indices ? asProbabilities('klDivLoss', input, target, input.shape.length - 1) : target;
    // 0·log 0 is 0, with a finite gradient
    return t.mul(where(t.eq(0), 1, t).log().sub(input));
  },
});
