import { defineOptimizer, zerosLike } from '@kindling/core';
import { momentScalars, nextMoments } from './common/moments.js';
import { betas, decoupledDecay, epsilon, learningRate } from './common/options.js';
import { trustRatio } from './common/trustRatio.js';

/**
 * LAMB: Adam whose step is as long as the parameter, tensor by tensor, for training with very large batches.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * - u = m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + eps) + λ·θ
 * - θ ← θ − lr · ‖θ‖ / ‖u‖ · u, the quotient being 1 where either length is 0
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-6, `weightDecay` 0, `maximize` false. State: `expAvg` and `expAvgSq`,
 * each of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: Optax's `lamb`; You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes".
 */
export const lamb = /* @__PURE__ */ defineOptimizer({
  name: 'lamb',
  options: { lr: learningRate(1e-3), betas: betas(0.9, 0.999), eps: epsilon(1e-6), weightDecay: decoupledDecay(0) },
  init: (parameter) => ({ expAvg: zerosLike(parameter), expAvgSq: zerosLike(parameter) }),
  scalars: ({ lr, betas, eps, weightDecay }, step) => ({ ...momentScalars(betas, step), lr, eps, weightDecay }),
  update: ({ parameter, gradient, state, scalars }) => {
    const { expAvg, expAvgSq } = nextMoments(state, gradient, scalars);
    const denominator = expAvgSq.mul(scalars.correct2).sqrt().add(scalars.eps);
    const step = expAvg.mul(scalars.correct1).div(denominator).add(parameter.mul(scalars.weightDecay));
    const scale = trustRatio(parameter, step, 1, 0).mul(scalars.lr);
    return { parameter: parameter.sub(step.mul(scale)), state: { expAvg, expAvgSq } };
  },
});
