import { defineSchedule, integer, number } from '@kindling/core';

/**
 * Lets the learning rate fall to 0 in `totalIters` steps, along a power of what is left of them.
 *
 * `polynomialLR(optimizer, { totalIters: 100, power: 2 })`, then `schedule.step()` after each epoch:
 * lr_t = lr_0 · (1 − min(t, totalIters) / totalIters)^power.
 *
 * Defaults: `totalIters` 5, `power` 1. Errors: `totalIters` below 1.
 *
 * Source: PyTorch's `PolynomialLR`.
 */
export const polynomialLR = /* @__PURE__ */ defineSchedule({
  name: 'polynomialLR',
  options: {
    totalIters: integer({ default: 5, minimum: 1, description: 'how many steps it falls' }),
    power: number({ default: 1, description: 'the power along which it falls' }),
  },
  next: ({ lr, epoch, options: { totalIters, power } }) => {
    if (epoch > totalIters) return lr;
    return lr * ((totalIters - epoch) / (totalIters - epoch + 1)) ** power;
  },
});
