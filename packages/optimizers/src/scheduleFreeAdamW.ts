import { tuple, zerosLike } from '@kindling/core';
import { defineModelOptimizer } from '@kindling/core/modelScope';
import { runningMean } from './common/moments.js';
import { epsilon, learningRate } from './common/options.js';
import {
  averageOf,
  averaging,
  averagingStart,
  scheduleFreeOptions,
  scheduleFreeStep,
  warmedUp,
} from './common/scheduleFree.js';

/** With the correction of the second moment, which belongs to it here. */
function rateOf(o: { lr: number; warmupSteps: number; betas: readonly [number, number] }, step: number): number {
  return warmedUp(o, step) * Math.sqrt(1 - o.betas[1] ** step);
}

/**
 * Schedule-free AdamW: the weights to use are an average of all steps, which takes the place of a falling learning rate.
 *
 * With gradient g (−g for `maximize`) at the parameter y, iterate z (which begins as y), average x, weight decay λ,
 * γ = lr·min(1, t/`warmupSteps`)·√(1 − β₂ᵗ) and step t = 1, 2, …:
 * - v ← β₂·v + (1 − β₂)·g²,  u = g / (√v + eps) + λ·y
 * - w = tʳ·(greatest γ so far)^`weightLrPower`,  c = w / (sum of all w)
 * - z ← z − γ·u,  x ← (1 − c)·x + c·z,  y ← (1 − β₁)·z + β₁·x
 *
 * The parameters hold y in training; `optimizer.train(false)` puts x there, to be measured and used, and
 * `optimizer.train()` y again. `fit` does so by itself.
 *
 * Defaults: `lr` 2.5e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `warmupSteps` 0, `r` 0, `weightLrPower` 2, `maximize`
 * false. State: `z` and `expAvgSq`, each of the parameter's shape, and the numbers `lrMax`, `weightSum` and `share`. Keep the
 * learning rate constant.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of (0, 1), a step while the parameters hold the average.
 *
 * Source: Defazio et al., "The Road Less Scheduled"; numbers as in the authors' `AdamWScheduleFree`.
 */
export const scheduleFreeAdamW = /* @__PURE__ */ defineModelOptimizer({
  name: 'scheduleFreeAdamW',
  options: {
    lr: /* @__PURE__ */ learningRate(2.5e-3),
    betas: /* @__PURE__ */ tuple({
      default: [0.9, 0.999],
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'how near the trained weights are to their average, and how much of the second moment is kept',
    }),
    eps: /* @__PURE__ */ epsilon(1e-8),
    .../* @__PURE__ */ scheduleFreeOptions(),
  },
  init: (parameter) => ({ z: parameter.detach(), expAvgSq: zerosLike(parameter) }),
  counts: {
    start: averagingStart,
    next: (options, step, before) => averaging(rateOf(options, step), options, step, before),
  },
  scalars: (options, step, { share }) => {
    const rate = rateOf(options, step);
    const [beta1, beta2] = options.betas;
    return {
      share,
      rate,
      inner: rate * (beta1 * (1 - share) - 1),
      keep: beta2,
      fresh: 1 - beta2,
      eps: options.eps,
      weightDecay: options.weightDecay,
    };
  },
  update: ({ members }) => ({
    members: members.map(({ parameter: y, gradient, state, scalars }) => {
      const expAvgSq = runningMean(state.expAvgSq, gradient.mul(gradient), scalars.keep, scalars.fresh);
      const direction = gradient.div(expAvgSq.sqrt().add(scalars.eps)).add(y.mul(scalars.weightDecay));
      const { parameter, z } = scheduleFreeStep(y, state.z, direction, scalars);
      return { parameter, state: { z, expAvgSq } };
    }),
  }),
  evaluation: ({ parameter, state, options }) => averageOf(parameter, state.z, options.betas[0]),
});
