import { defineSchedule, integer, number } from '@kindling/core';

/**
 * Multiplies the learning rate by a factor during the first `totalIters` steps.
 *
 * `constantLR(optimizer)`, then `schedule.step()` after each epoch: lr_t = lr_0 · factor for t < totalIters, then lr_0.
 *
 * Defaults: `factor` 1/3, `totalIters` 5. Errors: a `factor` outside of (0, 1], a negative `totalIters`.
 *
 * Source: PyTorch's `ConstantLR`.
 */
export const constantLR = /* @__PURE__ */ defineSchedule({
  name: 'constantLR',
  options: {
    factor: number({ default: 1 / 3, exclusiveMinimum: 0, maximum: 1, description: 'the factor of the first steps' }),
    totalIters: integer({ default: 5, minimum: 0, description: 'how many steps it lasts' }),
  },
  start: ({ lr, baseLr, restarted, options: { factor } }) => (restarted ? baseLr : lr) * factor,
  next: ({ lr, epoch, options: { factor, totalIters } }) => (epoch === totalIters ? lr / factor : lr),
});
