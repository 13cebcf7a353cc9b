import { number } from '@kindling/core';
import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean pinball loss of predictions of a quantile q: q (y − ŷ) where ŷ is too low, (1 − q)(ŷ − y) where it is too high
 * (scikit-learn's `mean_pinball_loss`).
 *
 * Outputs and targets of one shape. Options: `quantile` 0.5. NaN without any element.
 */
export const pinball = /* @__PURE__ */ meanErrorMetric({
  name: 'pinball',
  options: {
    quantile: /* @__PURE__ */ number({
      default: 0.5,
      minimum: 0,
      maximum: 1,
      description: 'the quantile that is predicted',
    }),
  },
  measure: (output, target, { quantile }) =>
    target >= output ? quantile * (target - output) : (1 - quantile) * (output - target),
});
