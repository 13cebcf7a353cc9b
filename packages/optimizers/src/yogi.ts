import { defineOptimizer, fullLike, number } from '@kindling/core';
import { momentScalars, runningMean } from './common/moments.js';
import { betas, decoupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * Yogi: Adam whose second moment moves by a bounded amount, so that a rare large gradient is not forgotten too fast.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - m ← β₁·m + (1 − β₁)·g,  v ← v − (1 − β₂)·sign(v − g²)·g²
 * - θ ← θ − lr · (m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + eps) + λ·θ)
 *
 * Defaults: `lr` 1e-2, `betas` [0.9, 0.999], `eps` 1e-3, `initialAccumulatorValue` 1e-6, `weightDecay` 0, `maximize` false.
 * State: `expAvg` and `expAvgSq`, each of the parameter's shape, which start as `initialAccumulatorValue`, both of them as in
 * Optax.
 *
 * Errors: a negative `lr`, `eps`, `initialAccumulatorValue` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: Optax's `yogi`; Zaheer et al., "Adaptive Methods for Nonconvex Optimization", which recommends this `lr`.
 */
export const yogi = /* @__PURE__ */ defineOptimizer({
  name: 'yogi',
  options: {
    lr: learningRate(1e-2),
    betas: betas(0.9, 0.999),
    eps: epsilon(1e-3),
    initialAccumulatorValue: number({ default: 1e-6, minimum: 0, description: 'what both moments start from' }),
    weightDecay: decoupledDecay(0),
  },
  init: (parameter, { initialAccumulatorValue }) => ({
    expAvg: fullLike(parameter, initialAccumulatorValue),
    expAvgSq: fullLike(parameter, initialAccumulatorValue),
  }),
  scalars: ({ lr, betas, eps, weightDecay }, step) => {
    const { correct1, ...moments } = momentScalars(betas, step);
    return { ...moments, stepSize: lr * correct1, eps, shrink: 1 - lr * weightDecay };
  },
  update: ({ parameter, gradient, state, scalars }) => {
    const square = gradient.mul(gradient);
    const expAvg = runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1);
    const expAvgSq = state.expAvgSq.sub(state.expAvgSq.sub(square).sign().mul(square).mul(scalars.fresh2));
    const denominator = expAvgSq.mul(scalars.correct2).sqrt().add(scalars.eps);
    return {
      parameter: parameter.mul(scalars.shrink).sub(expAvg.div(denominator).mul(scalars.stepSize)),
      state: { expAvg, expAvgSq },
    };
  },
});
