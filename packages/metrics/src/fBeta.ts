import { number } from '@kindling/core';
import { countsMetric, ratio } from './common/counts.js';

/**
 * The weighted harmonic mean of precision P and recall R: (1 + β²) P R / (β² P + R) (scikit-learn's `fbeta_score`). A
 * `beta` above 1 favours recall, below 1 precision; 1 is `f1`.
 *
 * Outputs, targets and the other options as of `f1`. Options: `beta` 1. 0 for a class without rows that is never
 * predicted; NaN without any row.
 */
export const fBeta = /* @__PURE__ */ countsMetric({
  name: 'fBeta',
  options: {
    beta: /* @__PURE__ */ number({
      default: 1,
      minimum: 0,
      description: 'how much recall counts, compared with precision',
    }),
  },
  measure: ({ right, actual, predicted }, { beta }) =>
    ratio((1 + beta * beta) * right, beta * beta * actual + predicted),
});
