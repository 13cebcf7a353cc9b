import { integer, number, zerosLike } from '@kindling/core';
import { defineOptimizerWrapper } from '@kindling/core/modelScope';
import { averageStep } from './common/averageStep.js';

/**
 * An exponential moving average of the weights, to be measured and used in place of the trained ones. It goes around any
 * optimizer.
 *
 * With the parameter θ after a step, and the average a (θ at the first one): a ← `decay`·a + (1 − `decay`)·θ, at each
 * `every`-th step from step `start` on.
 *
 * `const optimizer = ema(adam(model.parameters()), { decay: 0.999 })`. The parameters hold θ in training;
 * `optimizer.train(false)` puts a there, and `optimizer.train()` θ again. `fit` does so by itself; where the model has batch
 * norms say `fit(…, { refreshBatchNorm: true })`, or `updateBatchNorm` of `@kindling/train`.
 *
 * Defaults: `decay` 0.999, `start` 1, `every` 1. State: `ema.state.0.average` and so on, of the parameter's shape.
 *
 * Errors: a `decay` outside of [0, 1], a step while the parameters hold the average.
 *
 * Source: PyTorch's `AveragedModel` with `get_ema_avg_fn`; Polyak and Juditsky, "Acceleration of Stochastic Approximation
 * by Averaging".
 */
export const ema = /* @__PURE__ */ defineOptimizerWrapper({
  name: 'ema',
  when: 'after',
  options: {
    decay: /* @__PURE__ */ number({
      default: 0.999,
      minimum: 0,
      maximum: 1,
      description: 'how much of the average is kept',
    }),
    start: /* @__PURE__ */ integer({ default: 1, minimum: 1, description: 'the first step that counts' }),
    every: /* @__PURE__ */ integer({ default: 1, minimum: 1, description: 'steps from one that counts to the next' }),
  },
  init: (parameter) => ({ average: zerosLike(parameter) }),
  scalars: ({ decay, start, every }, step) => {
    const counts = step > start && (step - start) % every === 0;
    return { fresh: step <= start ? 1 : counts ? 1 - decay : 0 };
  },
  update: ({ members }) => ({ members: members.map(averageStep) }),
  evaluation: ({ state }) => state.average,
});
