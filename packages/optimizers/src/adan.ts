import { defineOptimizer, number, tuple, zerosLike } from '@kindling/core';
import { runningMean } from './common/moments.js';
import { decoupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * Adan: adaptive Nesterov momentum, from the gradient and its change since the last step.
 *
 * With gradient g (−g for `maximize`), the one before g' (g at the first step), parameter θ, weight decay λ, step
 * t = 1, 2, …:
 * - m ← β₁·m + (1 − β₁)·g,  d ← β₂·d + (1 − β₂)·(g − g'),  n ← β₃·n + (1 − β₃)·(g + β₂·(g − g'))²
 * - each divided by 1 − βᵗ: m̂, d̂, n̂
 * - θ ← θ − lr · ((m̂ + β₂·d̂) / (√(n̂ + epsRoot) + eps) + λ·θ)
 *
 * Defaults: `lr` 1e-3, `betas` [0.98, 0.92, 0.99], `eps` 1e-8, `epsRoot` 1e-8, `weightDecay` 0, `maximize` false. State:
 * `expAvg`, `expAvgDiff`, `expAvgSq` and `prev`, each of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps`, `epsRoot` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: Optax's `adan`; Xie et al., "Adan: Adaptive Nesterov Momentum Algorithm for Faster Optimizing Deep Models".
 */
export const adan = /* @__PURE__ */ defineOptimizer({
  name: 'adan',
  options: {
    lr: learningRate(1e-3),
    betas: tuple({
      default: [0.98, 0.92, 0.99],
      minimum: 0,
      exclusiveMaximum: 1,
      description: 'how much of the running means of the gradient, its change and its square is kept at a step',
    }),
    eps: epsilon(1e-8),
    epsRoot: number({ default: 1e-8, minimum: 0, description: 'added to the mean square, under the root' }),
    weightDecay: decoupledDecay(0),
  },
  init: (parameter) => ({
    expAvg: zerosLike(parameter),
    expAvgDiff: zerosLike(parameter),
    expAvgSq: zerosLike(parameter),
    prev: zerosLike(parameter),
  }),
  scalars: ({ lr, betas: [beta1, beta2, beta3], eps, epsRoot, weightDecay }, step) => ({
    // no change before the second step
    hasChange: step === 1 ? 0 : 1,
    keep1: beta1,
    fresh1: 1 - beta1,
    keep2: beta2,
    fresh2: 1 - beta2,
    keep3: beta3,
    fresh3: 1 - beta3,
    ofMean: 1 / (1 - beta1 ** step),
    ofChange: beta2 / (1 - beta2 ** step),
    ofSquare: 1 / (1 - beta3 ** step),
    lr,
    eps,
    epsRoot,
    shrink: 1 - lr * weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const change = gradient.sub(state.prev).mul(scalars.hasChange);
    const ahead = gradient.add(change.mul(scalars.keep2));
    const expAvg = runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1);
    const expAvgDiff = runningMean(state.expAvgDiff, change, scalars.keep2, scalars.fresh2);
    const expAvgSq = runningMean(state.expAvgSq, ahead.mul(ahead), scalars.keep3, scalars.fresh3);
    const direction = expAvg.mul(scalars.ofMean).add(expAvgDiff.mul(scalars.ofChange));
    const denominator = expAvgSq.mul(scalars.ofSquare).add(scalars.epsRoot).sqrt().add(scalars.eps);
    return {
      parameter: parameter.mul(scalars.shrink).sub(direction.div(denominator).mul(scalars.lr)),
      state: { expAvg, expAvgDiff, expAvgSq, prev: gradient },
    };
  },
});
