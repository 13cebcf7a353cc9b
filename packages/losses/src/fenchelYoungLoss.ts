import { code, defineLoss, KindlingError, logSumExp, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { requireShape } from './common/elementwise.js';

/**
 * The Fenchel-Young loss of a convex function Ω* ("max" of the scores): ℓ = Ω*(x) − ⟨t, x⟩ over the last dimension. Its
 * gradient is ∇Ω*(x) − t, so `maxFunction` decides what predictions are: log Σ exp gives softmax and the cross-entropy.
 *
 * `fenchelYoungLoss({ maxFunction: (scores) => scores.mul(scores).sum(-1).mul(0.5) })(scores, target)`.
 *
 * Shapes: input scores [*, C]; target probabilities of the input's shape, or class indices (int32) [*], which are one-hot rows;
 * `maxFunction` takes [*, C] to [*], which `reduction: 'none'` gives.
 *
 * Defaults: `maxFunction` log Σ exp over the last dimension, `reduction` 'mean'. The function can be given in code only.
 *
 * Errors: shapes that differ, a 0-d input, a `maxFunction` that gives another shape.
 *
 * Source: Optax's `make_fenchel_young_loss`; Blondel, Martins and Niculae, "Learning with Fenchel-Young Losses". It is 0 at
 * its least only where ⟨t, ·⟩ and Ω(t) cancel, so the constant Ω(t) is left out, as in Optax.
 */
export const fenchelYoungLoss = /* @__PURE__ */ defineLoss({
  name: 'fenchelYoungLoss',
  task: 'classification',
  output: 'logits',
  options: {
    maxFunction: code<((scores: Tensor) => Tensor) | undefined>({
      default: undefined,
      description: 'the convex function of the scores of the last dimension, differentiable',
    }),
  },
  compute: ({ maxFunction = (scores: Tensor) => logSumExp(scores, -1) }, input: Tensor, target: Tensor) => {
    if (input.shape.length === 0)
      throw new KindlingError('fenchelYoungLoss: the input is 0-d; it needs a last dimension');
    const t = asProbabilities('fenchelYoungLoss', input, target, input.shape.length - 1);
    const most = maxFunction(input);
    requireShape('fenchelYoungLoss', 'what maxFunction gives', most, input.shape.slice(0, -1));
    return most.sub(t.mul(input).sum(-1));
  },
});
