import { defineLoss, KindlingError, type Tensor, tensorOption } from '@kindling/core';
import { binaryCrossEntropy } from './common/binaryCrossEntropy.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { classWeights } from './common/weights.js';

/**
 * The binary cross-entropy of several labels, averaged over the labels of each sample:
 * ℓ = −Σ_c w_c·(t_c·log σ(x_c) + (1 − t_c)·log(1 − σ(x_c))) / C, with weights w (1 where not given).
 *
 * Shapes: input and target [*, C], equal; the target may be floats in 0 … 1, integers or booleans. `reduction: 'none'`
 * gives [*].
 *
 * Defaults: no `weight`, `reduction` 'mean'. Errors: shapes that differ, a weight that is not one a label.
 *
 * Source: PyTorch's `MultiLabelSoftMarginLoss`. Logits of any size are safe.
 */
export const multiLabelSoftMarginLoss = /* @__PURE__ */ defineLoss({
  name: 'multiLabelSoftMarginLoss',
  task: 'multilabel',
  output: 'logits',
  options: { weight: tensorOption({ optional: true, description: 'one weight a label' }) },
  compute: ({ weight }, input: Tensor, target: Tensor) => {
    requireSameShape('multiLabelSoftMarginLoss', input, target);
    if (input.shape.length === 0)
      throw new KindlingError('multiLabelSoftMarginLoss: the input is 0-d; it needs a last dimension of labels');
    const weights = classWeights('multiLabelSoftMarginLoss', weight, input, input.shape.length - 1);
    const loss = binaryCrossEntropy(input, asFloat(target, input), undefined);
    return (weights === undefined ? loss : loss.mul(weights)).mean(-1);
  },
});
