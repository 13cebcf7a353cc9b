import { number } from '@kindling/core';
import { bestWhere } from './common/bestWhere.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The highest specificity among the thresholds whose sensitivity (recall) is at least `sensitivity` (Keras' and
 * torchmetrics' `SpecificityAtSensitivity`).
 *
 * Outputs, targets and the other options as of `rocAuc`. Options: `sensitivity` 0.5. 0 where no threshold reaches it; NaN where a
 * score is, and for a class of all rows or none, which the averages leave out.
 */
export const specificityAtSensitivity = /* @__PURE__ */ scoreMetric({
  name: 'specificityAtSensitivity',
  options: {
    sensitivity: /* @__PURE__ */ number({ default: 0.5, minimum: 0, maximum: 1, description: 'the least sensitivity' }),
  },
  measure: (t, { sensitivity }) =>
    bestWhere(
      t.falsePositives.map((n) => 1 - n / t.negatives),
      t.truePositives.map((n) => n / t.positives),
      sensitivity,
    ),
});
