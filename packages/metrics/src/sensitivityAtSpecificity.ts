import { number } from '@kindling/core';
import { bestWhere } from './common/bestWhere.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The highest sensitivity (recall) among the thresholds whose specificity is at least `specificity` (Keras' and
 * torchmetrics' `SensitivityAtSpecificity`).
 *
 * Outputs, targets and the other options as of `rocAuc`. Options: `specificity` 0.5. 0 where no threshold reaches it; NaN where a
 * score is, and for a class of all rows or none, which the averages leave out.
 */
export const sensitivityAtSpecificity = /* @__PURE__ */ scoreMetric({
  name: 'sensitivityAtSpecificity',
  options: {
    specificity: /* @__PURE__ */ number({ default: 0.5, minimum: 0, maximum: 1, description: 'the least specificity' }),
  },
  measure: (t, { specificity }) =>
    bestWhere(
      t.truePositives.map((n) => n / t.positives),
      t.falsePositives.map((n) => 1 - n / t.negatives),
      specificity,
    ),
});
