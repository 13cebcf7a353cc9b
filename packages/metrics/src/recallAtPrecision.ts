import { number } from '@kindling/core';
import { bestWhere } from './common/bestWhere.js';
import { precisions } from './common/precisionSteps.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The highest recall among the thresholds whose precision is at least `precision` (Keras' `RecallAtPrecision`, torchmetrics'
 * `RecallAtFixedPrecision`).
 *
 * Outputs, targets and the other options as of `rocAuc`. Options: `precision` 0.5. 0 where no threshold reaches it; NaN where a
 * score is, and for a class of no rows, which the averages leave out.
 */
export const recallAtPrecision = /* @__PURE__ */ scoreMetric({
  name: 'recallAtPrecision',
  options: {
    precision: /* @__PURE__ */ number({ default: 0.5, minimum: 0, maximum: 1, description: 'the least precision' }),
  },
  needs: 'positives',
  measure: (t, { precision }) =>
    bestWhere(
      t.truePositives.map((n) => n / t.positives),
      precisions(t),
      precision,
    ),
});
