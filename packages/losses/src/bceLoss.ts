import { customGradient, defineLoss, maximum, type Tensor, tensorOption } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { elementWeights } from './common/weights.js';

/** A logarithm is at least this, so that a certain and wrong prediction costs 100 and not ∞. */
const leastLog = -100;
/** The gradient's denominator p·(1 − p) is at least this; PyTorch holds the number in float32. */
const leastVariance = /* @__PURE__ */ Math.fround(1e-12);

/** log p and log(1 − p), clamped. */
function logs(p: Tensor): [yes: Tensor, no: Tensor] {
  return [maximum(p.log(), leastLog), maximum(p.neg().add(1).log(), leastLog)];
}

/**
 * Binary cross-entropy of probabilities.
 *
 * ℓ = −w·(t·log p + (1 − t)·log(1 − p)) for probabilities p and targets t in 0 … 1; each logarithm is at least −100.
 * The gradient is w·(p − t) / max(p·(1 − p), 1e-12), so it is finite at p = 0 and 1, too.
 *
 * Shapes: input and target [*], any and equal; the target may be floats, integers or booleans. `weight` broadcasts to
 * the input. `reduction: 'none'` gives [*]. The mean divides by the number of elements, whatever the weights.
 *
 * Defaults: no `weight`, `reduction` 'mean'.
 *
 * Errors: shapes that differ, a weight that does not broadcast. Probabilities outside of 0 … 1 give NaN.
 *
 * Source: PyTorch's `BCELoss`. For logits use `bceWithLogitsLoss`, which loses no digits.
 */
export const bceLoss = /* @__PURE__ */ defineLoss({
  name: 'bceLoss',
  task: ['binary', 'multilabel'],
  output: 'probabilities',
  options: {
    weight: tensorOption({ optional: true, description: 'a weight for each element, or sizes that broadcast' }),
  },
  compute: ({ weight }, input: Tensor, target: Tensor) => {
    requireSameShape('bceLoss', input, target);
    const weights = elementWeights('bceLoss', 'weight', weight, input);
    const loss = customGradient(
      [input, asFloat(target, input)],
      ([p, t]) => {
        const [yes, no] = logs(p);
        return t.mul(yes).add(t.neg().add(1).mul(no)).neg();
      },
      (g, _loss, [p, t]) => {
        const [yes, no] = logs(p);
        const variance = maximum(p.neg().add(1).mul(p), leastVariance);
        return [g.mul(p.sub(t).div(variance)), g.mul(no.sub(yes))];
      },
    );
    return weights === undefined ? loss : loss.mul(weights);
  },
});
