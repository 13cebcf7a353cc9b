import { boolean, defineOptimizer } from '@kindling/core';
import { adamScalars, adamState, adamStep } from './common/adamStep.js';
import { betas, coupledDecay, decayIsDecoupled, epsilon, learningRate } from './common/options.js';

/**
 * Adam: steps along the running mean of the gradient, divided by the root of the running mean of its square.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - g ← g + λ·θ, or with `decoupledWeightDecay` θ ← θ·(1 − lr·λ)
 * - m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * - θ ← θ − lr / (1 − β₁ᵗ) · m / (√v̂ / √(1 − β₂ᵗ) + eps), where v̂ is v, or for `amsgrad` the greatest v so far
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `amsgrad` false, `decoupledWeightDecay` false,
 * `maximize` false. State: `expAvg`, `expAvgSq` and for `amsgrad` `maxExpAvgSq`, each of the parameter's shape. Whether
 * there is an `amsgrad` is settled at a parameter's first step.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: PyTorch's `Adam`; Kingma and Ba, "Adam: A Method for Stochastic Optimization"; Reddi, Kale and Kumar, "On the
 * Convergence of Adam and Beyond" for `amsgrad`.
 */
export const adam = /* @__PURE__ */ defineOptimizer({
  name: 'adam',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-3),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ coupledDecay(),
    amsgrad: boolean({ default: false, description: 'divide by the greatest second moment so far' }),
    decoupledWeightDecay: /* @__PURE__ */ decayIsDecoupled(),
  },
  init: (parameter, { amsgrad }) => adamState(parameter, amsgrad),
  scalars: adamScalars,
  update: ({ parameter, gradient, state, scalars, options: { decoupledWeightDecay } }) =>
    decoupledWeightDecay
      ? adamStep(parameter.mul(scalars.decoupledDecay), gradient, state, scalars)
      : adamStep(parameter, gradient.add(parameter.mul(scalars.coupledDecay)), state, scalars),
});
