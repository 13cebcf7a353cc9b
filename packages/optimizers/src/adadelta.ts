import { defineOptimizer, number, zerosLike } from '@kindling/core';
import { runningMean } from './common/moments.js';
import { coupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * Adadelta: steps as long as its steps of late, so that units agree and the learning rate hardly matters.
 *
 * With gradient g (−g for `maximize`), parameter θ and weight decay λ:
 * - g ← g + λ·θ
 * - v ← ρ·v + (1 − ρ)·g²
 * - Δ = √(a + eps) / √(v + eps) · g
 * - a ← ρ·a + (1 − ρ)·Δ²
 * - θ ← θ − lr·Δ
 *
 * Defaults: `lr` 1, `rho` 0.9, `eps` 1e-6, `weightDecay` 0, `maximize` false. State: `squareAvg` and `accDelta`, each of the
 * parameter's shape.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a `rho` outside of 0 … 1.
 *
 * Source: PyTorch's `Adadelta`; Zeiler, "ADADELTA: An Adaptive Learning Rate Method".
 */
export const adadelta = /* @__PURE__ */ defineOptimizer({
  name: 'adadelta',
  options: {
    lr: /* @__PURE__ */ learningRate(1),
    rho: number({ default: 0.9, minimum: 0, maximum: 1, description: 'how much of the running means is kept' }),
    eps: /* @__PURE__ */ epsilon(1e-6),
    weightDecay: /* @__PURE__ */ coupledDecay(),
  },
  init: (parameter) => ({ squareAvg: zerosLike(parameter), accDelta: zerosLike(parameter) }),
  scalars: ({ lr, rho, eps, weightDecay }) => ({ lr, keep: rho, fresh: 1 - rho, eps, weightDecay }),
  update: ({ parameter, gradient, state, scalars: { lr, keep, fresh, eps, weightDecay } }) => {
    const g = gradient.add(parameter.mul(weightDecay));
    const squareAvg = runningMean(state.squareAvg, g.mul(g), keep, fresh);
    const delta = state.accDelta.add(eps).sqrt().div(squareAvg.add(eps).sqrt()).mul(g);
    const accDelta = runningMean(state.accDelta, delta.mul(delta), keep, fresh);
    return { parameter: parameter.sub(delta.mul(lr)), state: { squareAvg, accDelta } };
  },
});
