import { defineOptimizer, maximum, zerosLike } from '@kindling/core';
import { momentScalars, runningMean } from './common/moments.js';
import { betas, coupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * AdaMax: Adam with the greatest gradient of late in place of the root of the mean square.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - g ← g + λ·θ
 * - m ← β₁·m + (1 − β₁)·g,  u ← max(β₂·u, |g| + eps)
 * - θ ← θ − lr / (1 − β₁ᵗ) · m / u
 *
 * Defaults: `lr` 2e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `maximize` false. State: `expAvg` and `expInf`, each
 * of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: PyTorch's `Adamax`; Kingma and Ba, "Adam: A Method for Stochastic Optimization", section 7.1.
 */
export const adamax = /* @__PURE__ */ defineOptimizer({
  name: 'adamax',
  options: {
    lr: /* @__PURE__ */ learningRate(2e-3),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ coupledDecay(),
  },
  init: (parameter) => ({ expAvg: zerosLike(parameter), expInf: zerosLike(parameter) }),
  scalars: ({ lr, betas, eps, weightDecay }, step) => {
    const { correct1, ...moments } = momentScalars(betas, step);
    return { ...moments, stepSize: lr * correct1, eps, weightDecay };
  },
  update: ({ parameter, gradient, state, scalars }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const expAvg = runningMean(state.expAvg, g, scalars.keep1, scalars.fresh1);
    const expInf = maximum(state.expInf.mul(scalars.keep2), g.abs().add(scalars.eps));
    return { parameter: parameter.sub(expAvg.div(expInf).mul(scalars.stepSize)), state: { expAvg, expInf } };
  },
});
