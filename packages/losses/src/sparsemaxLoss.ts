import { customGradient, defineLoss, KindlingError, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { sparsemax } from './common/sparsemax.js';

/**
 * The loss whose probabilities are sparse: p = sparsemax(x) is the nearest point to x among all probabilities, and classes
 * far behind get exactly 0. ℓ = ½ + ½·Σ_{p_c > 0} (x_c² − τ²) − x_t, 0 as soon as the class t leads by 1; its gradient is
 * p − q, with q the one-hot target. For probabilities q as target, ½·‖q‖² takes the place of the first ½, Σ_c q_c·x_c that of
 * x_t.
 *
 * Shapes: input logits [*, C]; target class indices (int32) [*], or probabilities of the input's shape. `reduction: 'none'`
 * gives [*]. All pairs of classes are compared: C² numbers a sample.
 *
 * Defaults: `reduction` 'mean'. Errors: a target of neither form, a 0-d input.
 *
 * Source: Martins and Astudillo, "From Softmax to Sparsemax: A Sparse Model of Attention and Multi-Label Classification";
 * Optax's `multiclass_sparsemax_loss`.
 */
export const sparsemaxLoss = /* @__PURE__ */ defineLoss({
  name: 'sparsemaxLoss',
  task: 'classification',
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    if (input.shape.length === 0)
      throw new KindlingError('sparsemaxLoss: the input is 0-d; it needs a dimension of classes');
    const given = asProbabilities('sparsemaxLoss', input, target, input.shape.length - 1);
    return customGradient(
      [input, given],
      ([x, q]) => {
        const p = sparsemax(x);
        // ½‖q‖² − ½‖p‖² + p·x − q·x, which is ½‖q − x‖² − ½‖p − x‖²: without the cancellation of large logits
        const gap = q.sub(p);
        return gap.mul(q.add(p).mul(0.5).sub(x)).sum(-1);
      },
      (g, _loss, [x, q]) => [g.unsqueeze(-1).mul(sparsemax(x).sub(q)), g.unsqueeze(-1).mul(q.sub(x))],
    );
  },
});
