import { defineSchedule, number } from '@kindling/core';
import { integers } from './common/integers.js';

/**
 * Multiplies the learning rate by γ after each of the `milestones`.
 *
 * `multiStepLR(optimizer, { milestones: [30, 80] })`, then `schedule.step()` after each epoch. A milestone that is there twice
 * counts twice.
 *
 * Defaults: `gamma` 0.1; `milestones` must be given. Errors: milestones that are no integers.
 *
 * Source: PyTorch's `MultiStepLR`.
 */
export const multiStepLR = /* @__PURE__ */ defineSchedule({
  name: 'multiStepLR',
  options: {
    milestones: integers({ description: 'the steps after which the learning rate is multiplied' }),
    gamma: number({ default: 0.1, description: 'what it is multiplied by then' }),
  },
  required: ['milestones'],
  next: ({ lr, epoch, options: { milestones, gamma } }) => lr * gamma ** milestones.filter((m) => m === epoch).length,
});
