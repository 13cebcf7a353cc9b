import { code, defineSchedule } from '@kindling/core';
import { factor, type LrLambda } from './common/lrLambda.js';

/**
 * Multiplies the learning rate by a function of the steps: lr_t = lr_{t−1} · λ(t).
 *
 * `multiplicativeLR(optimizer, { lrLambda: () => 0.95 })`, then `schedule.step()` after each epoch. An array has a function
 * for each group. `lrLambda` must be given, in code.
 *
 * Source: PyTorch's `MultiplicativeLR`.
 */
export const multiplicativeLR = /* @__PURE__ */ defineSchedule({
  name: 'multiplicativeLR',
  options: { lrLambda: code<LrLambda>({ default: () => 1, description: 'the factor of the step' }) },
  required: ['lrLambda'],
  start: ({ lr }) => lr,
  next: ({ lr, epoch, index, options }) => lr * factor('multiplicativeLR', options.lrLambda, index, epoch),
});
