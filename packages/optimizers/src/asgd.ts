import { defineOptimizer, number, zeros, zerosLike } from '@kindling/core';
import { coupledDecay, learningRate } from './common/options.js';

/**
 * Averaged stochastic gradient descent: plain steps of falling length, and the mean of all parameters from step `t0` on,
 * which is what to evaluate.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ₂, decay λ and step t = 1, 2, …:
 * - g ← g + λ₂·θ
 * - θ ← θ·(1 − λ·η) − η·g
 * - ax ← ax + μ·(θ − ax), with μ = 1 / max(1, t − 1 − t0)
 * - η ← lr / (1 + λ·lr·t)^α, for the next step; at the first it is lr
 *
 * Defaults: `lr` 1e-2, `lambd` 1e-4, `alpha` 0.75, `t0` 1e6, `weightDecay` 0, `maximize` false. State: `ax`, the average, of
 * the parameter's shape, and `eta` of shape []. A change of `lr` acts from the step after next, as in PyTorch.
 *
 * Errors: a negative `lr` or `weightDecay`.
 *
 * Source: PyTorch's `ASGD`; Polyak and Juditsky, "Acceleration of stochastic approximation by averaging".
 */
export const asgd = /* @__PURE__ */ defineOptimizer({
  name: 'asgd',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-2),
    lambd: number({ default: 1e-4, minimum: 0, description: 'how fast parameters and steps shrink' }),
    alpha: number({ default: 0.75, description: 'the power by which steps shrink' }),
    t0: number({ default: 1e6, minimum: 0, description: 'the step from which on the average is taken' }),
    weightDecay: /* @__PURE__ */ coupledDecay(),
  },
  init: (parameter) => ({ ax: zerosLike(parameter), eta: zeros([], { dtype: parameter.dtype }) }),
  scalars: ({ lr, lambd, alpha, t0, weightDecay }, step) => ({
    first: step === 1 ? lr : 0,
    next: lr / (1 + lambd * lr * step) ** alpha,
    lambd,
    mu: 1 / Math.max(1, step - 1 - t0),
    weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const eta = state.eta.add(scalars.first);
    const next = parameter.mul(eta.mul(scalars.lambd).neg().add(1)).sub(g.mul(eta));
    const ax = state.ax.add(next.sub(state.ax).mul(scalars.mu));
    return { parameter: next, state: { ax, eta: scalars.next.to(parameter.dtype) } };
  },
});
