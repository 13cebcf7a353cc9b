import { defineSchedule, integer, number } from '@kindling/core';

/**
 * Multiplies the learning rate by γ every `stepSize` steps of the schedule.
 *
 * `stepLR(optimizer, { stepSize: 30 })`, then `schedule.step()` after each epoch: lr_t = lr_0 · γ^⌊t / stepSize⌋.
 *
 * Defaults: `gamma` 0.1; `stepSize` must be given. Errors: a `stepSize` below 1.
 *
 * Source: PyTorch's `StepLR`.
 */
export const stepLR = /* @__PURE__ */ defineSchedule({
  name: 'stepLR',
  options: {
    stepSize: integer({ default: 1, minimum: 1, description: 'how many steps the learning rate stays' }),
    gamma: number({ default: 0.1, description: 'what it is multiplied by then' }),
  },
  required: ['stepSize'],
  next: ({ lr, epoch, options: { stepSize, gamma } }) => (epoch % stepSize === 0 ? lr * gamma : lr),
});
