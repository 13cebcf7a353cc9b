import { defineSchedule, integer, number } from '@kindling/core';

/**
 * Multiplies the learning rate by a factor that goes from `startFactor` to `endFactor` in `totalIters` equal steps: a
 * warm-up.
 *
 * `linearLR(optimizer)`, then `schedule.step()` after each epoch:
 * lr_t = lr_0 · (start + (end − start) · min(t, totalIters) / totalIters).
 *
 * Defaults: `startFactor` 1/3, `endFactor` 1, `totalIters` 5. Errors: a `startFactor` outside of (0, 1], an `endFactor`
 * outside of [0, 1], `totalIters` below 1.
 *
 * Source: PyTorch's `LinearLR`.
 */
export const linearLR = /* @__PURE__ */ defineSchedule({
  name: 'linearLR',
  options: {
    startFactor: number({ default: 1 / 3, exclusiveMinimum: 0, maximum: 1, description: 'the first factor' }),
    endFactor: number({ default: 1, minimum: 0, maximum: 1, description: 'the last factor' }),
    totalIters: integer({ default: 5, minimum: 1, description: 'how many steps lead from one to the other' }),
  },
  start: ({ lr, baseLr, restarted, options: { startFactor } }) => (restarted ? baseLr : lr) * startFactor,
  next: ({ lr, epoch, options: { startFactor, endFactor, totalIters } }) => {
    if (epoch > totalIters) return lr;
    const change = endFactor - startFactor;
    return lr * (1 + change / (totalIters * startFactor + (epoch - 1) * change));
  },
});
