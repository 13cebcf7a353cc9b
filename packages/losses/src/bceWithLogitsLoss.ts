import { customGradient, defineLoss, log1p, maximum, type Tensor, tensorOption, where } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { elementWeights } from './common/weights.js';

/** −log σ(x) and −log(1 − σ(x)): exp never overflows, and nothing cancels. */
function costs(x: Tensor): [yes: Tensor, no: Tensor] {
  const tail = log1p(x.abs().neg().exp());
  return [maximum(x.neg(), 0).add(tail), maximum(x, 0).add(tail)];
}

/** σ(x) and 1 − σ(x), each with all of its digits. */
function chances(x: Tensor): [yes: Tensor, no: Tensor] {
  const small = x.abs().neg().exp();
  const total = small.add(1);
  const [likely, unlikely] = [total.pow(-1), small.div(total)];
  const positive = x.gt(0);
  return [where(positive, likely, unlikely), where(positive, unlikely, likely)];
}

/** −t·log σ(x) − (1 − t)·log(1 − σ(x)), with the first term times `positive`. */
function binaryCrossEntropy(input: Tensor, target: Tensor, positive: Tensor | undefined): Tensor {
  const emphasize = (yes: Tensor): Tensor => (positive === undefined ? yes : yes.mul(positive));
  return customGradient(
    [input, target],
    ([x, t]) => {
      const [yes, no] = costs(x);
      return emphasize(yes)
        .mul(t)
        .add(no.mul(t.neg().add(1)));
    },
    (g, _loss, [x, t]) => {
      const [yes, no] = chances(x);
      const [costOfYes, costOfNo] = costs(x);
      return [g.mul(yes.mul(t.neg().add(1)).sub(emphasize(no).mul(t))), g.mul(emphasize(costOfYes).sub(costOfNo))];
    },
  );
}

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
