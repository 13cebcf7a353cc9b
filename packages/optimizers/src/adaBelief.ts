import { defineOptimizer, number, zerosLike } from '@kindling/core';
import { momentScalars, runningMean } from './common/moments.js';
import { betas, decoupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * AdaBelief: Adam that divides by how far the gradient is from what was expected, so that it steps far where it is sure.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - m ← β₁·m + (1 − β₁)·g,  s ← β₂·s + (1 − β₂)·(g − m)² + epsRoot
 * - θ ← θ − lr · (m / (1 − β₁ᵗ) / (√(s / (1 − β₂ᵗ)) + eps) + λ·θ)
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-16, `epsRoot` 1e-16, `weightDecay` 0, `maximize` false. State: `expAvg`
 * and `expAvgVar`, each of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps`, `epsRoot` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: Zhuang et al., "AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients", with the options of
 * Optax's `adabelief`. Optax subtracts the mean before the step, which makes s larger by 1 / β₁².
 */
export const adaBelief = /* @__PURE__ */ defineOptimizer({
  name: 'adaBelief',
  options: {
    lr: learningRate(1e-3),
    betas: betas(0.9, 0.999),
    eps: epsilon(1e-16),
    epsRoot: number({ default: 1e-16, minimum: 0, description: 'added to the variance at each step' }),
    weightDecay: decoupledDecay(0),
  },
  init: (parameter) => ({ expAvg: zerosLike(parameter), expAvgVar: zerosLike(parameter) }),
  scalars: ({ lr, betas, eps, epsRoot, weightDecay }, step) => {
    const { correct1, ...moments } = momentScalars(betas, step);
    return { ...moments, stepSize: lr * correct1, eps, epsRoot, shrink: 1 - lr * weightDecay };
  },
  update: ({ parameter, gradient, state, scalars }) => {
    const expAvg = runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1);
    const surprise = gradient.sub(expAvg);
    const expAvgVar = runningMean(state.expAvgVar, surprise.mul(surprise), scalars.keep2, scalars.fresh2).add(
      scalars.epsRoot,
    );
    const denominator = expAvgVar.mul(scalars.correct2).sqrt().add(scalars.eps);
    return {
      parameter: parameter.mul(scalars.shrink).sub(expAvg.div(denominator).mul(scalars.stepSize)),
      state: { expAvg, expAvgVar },
    };
  },
});
