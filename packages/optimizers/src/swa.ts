import { integer, zerosLike } from '@kindling/core';
import { defineOptimizerWrapper } from '@kindling/core/modelScope';
import { averageStep } from './common/averageStep.js';

/**
 * Stochastic weight averaging: the mean of the weights over the last part of a training, to be measured and used in place
 * of the trained ones. It goes around any optimizer.
 *
 * With the parameter θ after a step, and the average a of the n that counted so far: a ← a + (θ − a) / (n + 1), at step
 * `start` and each `every`-th after it. Before `start`, a is θ.
 *
 * `const optimizer = swa(sgd(model.parameters(), { lr: 0.05 }), { start: 15 * stepsPerEpoch, every: stepsPerEpoch })`, with
 * `swaLR` as the schedule of the last part. The parameters hold θ in training; `optimizer.train(false)` puts a there, and
 * `optimizer.train()` θ again. `fit` does so by itself; where the model has batch norms say
 * `fit(…, { refreshBatchNorm: true })`, or `updateBatchNorm` of `@kindling/train`.
 *
 * Defaults: `start` 1, `every` 1. State: `swa.state.0.average` and so on, of the parameter's shape.
 *
 * Errors: a step while the parameters hold the average.
 *
 * Source: PyTorch's `AveragedModel`; Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization".
 */
export const swa = /* @__PURE__ */ defineOptimizerWrapper({
  name: 'swa',
  when: 'after',
  options: {
    start: /* @__PURE__ */ integer({ default: 1, minimum: 1, description: 'the first step that counts' }),
    every: /* @__PURE__ */ integer({ default: 1, minimum: 1, description: 'steps from one that counts to the next' }),
  },
  init: (parameter) => ({ average: zerosLike(parameter) }),
  scalars: ({ start, every }, step) => ({
    fresh: step <= start ? 1 : (step - start) % every === 0 ? 1 / ((step - start) / every + 1) : 0,
  }),
  update: ({ members }) => ({ members: members.map(averageStep) }),
  evaluation: ({ state }) => state.average,
});
