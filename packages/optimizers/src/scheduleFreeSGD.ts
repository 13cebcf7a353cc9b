import { number } from '@kindling/core';
import { defineModelOptimizer } from '@kindling/core/modelScope';
import { learningRate } from './common/options.js';
import {
  averageOf,
  averaging,
  averagingStart,
  scheduleFreeOptions,
  scheduleFreeStep,
  warmedUp,
} from './common/scheduleFree.js';

/**
 * Schedule-free SGD: the weights to use are an average of all steps, which takes the place of a falling learning rate.
 *
 * With gradient g (−g for `maximize`) at the parameter y, iterate z (which begins as y), average x, momentum β, weight
 * decay λ, γ = lr·min(1, t/`warmupSteps`) and step t = 1, 2, …:
 * - g ← g + λ·y
 * - w = tʳ·(greatest γ so far)^`weightLrPower`,  c = w / (sum of all w)
 * - z ← z − γ·g,  x ← (1 − c)·x + c·z,  y ← (1 − β)·z + β·x
 *
 * The parameters hold y in training; `optimizer.train(false)` puts x there, to be measured and used, and
 * `optimizer.train()` y again. `fit` does so by itself.
 *
 * Defaults: `lr` 1, `momentum` 0.9, `weightDecay` 0, `warmupSteps` 0, `r` 0, `weightLrPower` 2, `maximize` false. State: `z`, of
 * the parameter's shape, and the numbers `lrMax`, `weightSum` and `share`. Keep the learning rate constant.
 *
 * Errors: a negative `lr` or `weightDecay`, a momentum outside of (0, 1), a step while the parameters hold the average.
 *
 * Source: Defazio et al., "The Road Less Scheduled"; numbers as in the authors' `SGDScheduleFree`.
 */
export const scheduleFreeSGD = /* @__PURE__ */ defineModelOptimizer({
  name: 'scheduleFreeSGD',
  options: {
    lr: /* @__PURE__ */ learningRate(1),
    momentum: /* @__PURE__ */ number({
      default: 0.9,
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'how near the trained weights are to their average',
    }),
    .../* @__PURE__ */ scheduleFreeOptions(),
  },
  init: (parameter) => ({ z: parameter.detach() }),
  counts: {
    start: averagingStart,
    next: (options, step, before) => averaging(warmedUp(options, step), options, step, before),
  },
  scalars: (options, step, { share }) => {
    const rate = warmedUp(options, step);
    return { share, rate, inner: rate * (options.momentum * (1 - share) - 1), weightDecay: options.weightDecay };
  },
  update: ({ members }) => ({
    members: members.map(({ parameter: y, gradient, state, scalars }) => {
      const { parameter, z } = scheduleFreeStep(y, state.z, gradient.add(y.mul(scalars.weightDecay)), scalars);
      return { parameter, state: { z } };
    }),
  }),
  evaluation: ({ parameter, state, options }) => averageOf(parameter, state.z, options.momentum),
});
