import { code, defineSchedule } from '@kindling/core';
import { factor, type LrLambda } from './common/lrLambda.js';

/**
 * Sets the learning rate to a function of the steps times the first one: lr_t = lr_0 · λ(t), from t = 0 on.
 *
 * `lambdaLR(optimizer, { lrLambda: (epoch) => 0.95 ** epoch })`, then `schedule.step()` after each epoch. An array has a
 * function for each group. `lrLambda` must be given, in code.
 *
 * Source: PyTorch's `LambdaLR`.
 */
export const lambdaLR = /* @__PURE__ */ defineSchedule({
  name: 'lambdaLR',
  options: { lrLambda: code<LrLambda>({ default: () => 1, description: 'the factor after so many steps' }) },
  required: ['lrLambda'],
  start: ({ baseLr, index, options }) => baseLr * factor('lambdaLR', options.lrLambda, index, 0),
  next: ({ baseLr, epoch, index, options }) => baseLr * factor('lambdaLR', options.lrLambda, index, epoch),
});
