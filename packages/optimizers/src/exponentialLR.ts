import { defineSchedule, number } from '@kindling/core';

/**
 * Multiplies the learning rate by γ at every step.
 *
 * `exponentialLR(optimizer, { gamma: 0.9 })`, then `schedule.step()` after each epoch: lr_t = lr_0 · γᵗ.
 *
 * `gamma` must be given. Source: PyTorch's `ExponentialLR`.
 */
export const exponentialLR = /* @__PURE__ */ defineSchedule({
  name: 'exponentialLR',
  options: { gamma: number({ default: 1, description: 'what the learning rate is multiplied by' }) },
  required: ['gamma'],
  next: ({ lr, options: { gamma } }) => lr * gamma,
});
