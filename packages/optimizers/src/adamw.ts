import { boolean, defineOptimizer, number, tuple } from '@kindling/core';
import { adamScalars, adamState, adamStep } from './common/adamStep.js';

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
    lr: number({ default: 1e-3, minimum: 0, description: 'learning rate' }),
    betas: tuple({
      default: [0.9, 0.999],
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'how much of the running means of the gradient and of its square is kept at a step',
    }),
    eps: number({ default: 1e-8, minimum: 0, description: 'added to the denominator' }),
    weightDecay: number({ default: 1e-2, minimum: 0, description: 'how fast parameters shrink, times lr' }),
    amsgrad: boolean({ default: false, description: 'divide by the greatest second moment so far' }),
  },
  init: (parameter, { amsgrad }) => adamState(parameter, amsgrad),
  scalars: adamScalars,
  update: ({ parameter, gradient, state, scalars }) =>
    adamStep(parameter.mul(scalars.decoupledDecay), gradient, state, scalars),
});
