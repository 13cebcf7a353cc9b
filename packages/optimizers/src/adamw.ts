import { boolean, defineOptimizer } from '@kindling/core';
import { adamScalars, adamState, adamStep } from './common/adamStep.js';
import { betas, decoupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * AdamW: Adam with weight decay that shrinks the parameter and does not pass through the running means.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - θ ← θ·(1 − lr·λ)
 * - m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * - θ ← θ − lr / (1 − β₁ᵗ) · m / (√v̂ / √(1 − β₂ᵗ) + eps), where v̂ is v, or for `amsgrad` the greatest v so far
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 1e-2, `amsgrad` false, `maximize` false. State:
 * `expAvg`, `expAvgSq` and for `amsgrad` `maxExpAvgSq`, each of the parameter's shape. Whether there is an `amsgrad` is
 * settled at a parameter's first step.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: PyTorch's `AdamW`; Loshchilov and Hutter, "Decoupled Weight Decay Regularization".
 */
export const adamw = /* @__PURE__ */ defineOptimizer({
  name: 'adamw',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-3),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ decoupledDecay(1e-2),
    amsgrad: boolean({ default: false, description: 'divide by the greatest second moment so far' }),
  },
  init: (parameter, { amsgrad }) => adamState(parameter, amsgrad),
  scalars: adamScalars,
  update: ({ parameter, gradient, state, scalars }) =>
    adamStep(parameter.mul(scalars.decoupledDecay), gradient, state, scalars),
});
