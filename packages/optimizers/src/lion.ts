import { defineOptimizer, zerosLike } from '@kindling/core';
import { runningMean } from './common/moments.js';
import { betas, decoupledDecay, learningRate } from './common/options.js';

/**
 * Lion: steps of one length in every element, by the sign of a momentum. Wants a learning rate 3 to 10 times smaller, and a
 * weight decay as much larger, than AdamW.
 *
 * With gradient g (−g for `maximize`), parameter θ and weight decay λ:
 * - u = sign(β₁·m + (1 − β₁)·g)
 * - m ← β₂·m + (1 − β₂)·g
 * - θ ← θ − lr·(u + λ·θ)
 *
 * Defaults: `lr` 1e-4, `betas` [0.9, 0.99], `weightDecay` 1e-3, `maximize` false. State: `expAvg`, of the parameter's shape.
 *
 * Errors: a negative `lr` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: Optax's `lion`, with the paper's learning rate; Chen et al., "Symbolic Discovery of Optimization Algorithms".
 */
export const lion = /* @__PURE__ */ defineOptimizer({
  name: 'lion',
  options: { lr: learningRate(1e-4), betas: betas(0.9, 0.99), weightDecay: decoupledDecay(1e-3) },
  init: (parameter) => ({ expAvg: zerosLike(parameter) }),
  scalars: ({ lr, betas: [beta1, beta2], weightDecay }) => ({
    lr,
    keep1: beta1,
    fresh1: 1 - beta1,
    keep2: beta2,
    fresh2: 1 - beta2,
    shrink: 1 - lr * weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const direction = runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1).sign();
    return {
      parameter: parameter.mul(scalars.shrink).sub(direction.mul(scalars.lr)),
      state: { expAvg: runningMean(state.expAvg, gradient, scalars.keep2, scalars.fresh2) },
    };
  },
});
