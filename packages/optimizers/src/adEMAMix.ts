import { defineOptimizer, integer, number, tuple, zerosLike } from '@kindling/core';
import { momentScalars, runningMean } from './common/moments.js';
import { decoupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * AdEMAMix: AdamW with a second, much slower momentum, which remembers gradients of thousands of steps ago.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - m₁ ← β₁·m₁ + (1 − β₁)·g,  m₂ ← β₃·m₂ + (1 − β₃)·g,  v ← β₂·v + (1 − β₂)·g²
 * - θ ← θ − lr · ((m₁ / (1 − β₁ᵗ) + α·m₂) / (√(v / (1 − β₂ᵗ)) + eps) + λ·θ)
 *
 * For `warmup` T > 0, α grows from 0 in proportion to t and β₃ from β₁ so that its half-life grows in proportion to t, until
 * both are reached at step T.
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999, 0.9999], `alpha` 5, `eps` 1e-8, `weightDecay` 0, `warmup` 0, `maximize` false.
 * State: `expAvg`, `expAvgSlow` and `expAvgSq`, each of the parameter's shape.
 *
 * Errors: a negative `lr`, `alpha`, `eps`, `weightDecay` or `warmup`, a beta outside of [0, 1).
 *
 * Source: Optax's `ademamix`; Pagliardini, Ablin and Grangier, "The AdEMAMix Optimizer: Better, Faster, Older".
 */
export const adEMAMix = /* @__PURE__ */ defineOptimizer({
  name: 'adEMAMix',
  options: {
    lr: learningRate(1e-3),
    betas: tuple({
      default: [0.9, 0.999, 0.9999],
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'how much of the running means of the gradient, of its square, and of the slow mean is kept',
    }),
    alpha: number({ default: 5, minimum: 0, description: 'weight of the slow mean' }),
    eps: epsilon(1e-8),
    weightDecay: decoupledDecay(0),
    warmup: integer({ default: 0, minimum: 0, description: 'steps in which alpha and the third beta are reached' }),
  },
  init: (parameter) => ({
    expAvg: zerosLike(parameter),
    expAvgSlow: zerosLike(parameter),
    expAvgSq: zerosLike(parameter),
  }),
  scalars: ({ lr, betas: [beta1, beta2, beta3], alpha, eps, weightDecay, warmup }, step) => {
    const part = step < warmup ? step / warmup : 1;
    const [from, to] = [Math.log(beta1), Math.log(beta3)];
    const slow = part < 1 ? Math.min(Math.exp((from * to) / ((1 - part) * to + part * from)), beta3) : beta3;
    return {
      ...momentScalars([beta1, beta2], step),
      keepSlow: slow,
      freshSlow: 1 - slow,
      alpha: alpha * part,
      lr,
      eps,
      shrink: 1 - lr * weightDecay,
    };
  },
  update: ({ parameter, gradient, state, scalars }) => {
    const expAvg = runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1);
    const expAvgSlow = runningMean(state.expAvgSlow, gradient, scalars.keepSlow, scalars.freshSlow);
    const expAvgSq = runningMean(state.expAvgSq, gradient.mul(gradient), scalars.keep2, scalars.fresh2);
    const direction = expAvg.mul(scalars.correct1).add(expAvgSlow.mul(scalars.alpha));
    const denominator = expAvgSq.mul(scalars.correct2).sqrt().add(scalars.eps);
    return {
      parameter: parameter.mul(scalars.shrink).sub(direction.div(denominator).mul(scalars.lr)),
      state: { expAvg, expAvgSlow, expAvgSq },
    };
  },
});
