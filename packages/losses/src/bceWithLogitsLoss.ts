import { defineLoss, type Tensor, tensorOption } from '@kindling/core';
import { binaryCrossEntropy } from './common/binaryCrossEntropy.js';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { elementWeights } from './common/weights.js';

/**
 * Sigmoid and binary cross-entropy in one: the usual loss for one or several yes-or-no labels.
 *
 * ℓ = −w·(P·t·log σ(x) + (1 − t)·log(1 − σ(x))) for logits x and targets t in 0 … 1, with `weight` w and `posWeight` P
 * (1 where not given). The gradient is w·(σ(x)·(1 + (P − 1)·t) − P·t), also at 0.
 *
 * Shapes: input and target [*], any and equal; the target may be floats, integers or booleans. `weight` and `posWeight`
 * broadcast to the input; `posWeight` is usually one a label, the last dimension. `reduction: 'none'` gives [*]. The mean
 * divides by the number of elements, whatever the weights.
 *
 * Defaults: no `weight`, no `posWeight`, `reduction` 'mean'.
 *
 * Errors: shapes that differ, a weight that does not broadcast.
 *
 * Source: PyTorch's `BCEWithLogitsLoss`. Logits of any size are safe.
 */
export const bceWithLogitsLoss = /* @__PURE__ */ defineLoss({
  name: 'bceWithLogitsLoss',
  task: ['binary', 'multilabel'],
  output: 'logits',
  options: {
    weight: tensorOption({ optional: true, description: 'a weight for each element, or sizes that broadcast' }),
    posWeight: tensorOption({ optional: true, description: 'a factor for positive targets, usually one a label' }),
  },
  compute: ({ weight, posWeight }, input: Tensor, target: Tensor) => {
    requireSameShape('bceWithLogitsLoss', input, target);
    const weights = elementWeights('bceWithLogitsLoss', 'weight', weight, input);
    const positive = elementWeights('bceWithLogitsLoss', 'posWeight', posWeight, input);
    const loss = binaryCrossEntropy(input, asFloat(target, input), positive);
    return weights === undefined ? loss : loss.mul(weights);
  },
});
