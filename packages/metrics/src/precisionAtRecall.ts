import { number } from '@kindling/core';
import { bestWhere } from './common/bestWhere.js';
import { precisions } from './common/precisionSteps.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The highest precision among the thresholds whose recall is at least `recall` (torchmetrics' `PrecisionAtFixedRecall`,
 * Keras' `PrecisionAtRecall`).
 *
 * Outputs, targets and the other options as of `rocAuc`. Options: `recall` 0.5. 0 where no threshold reaches it; NaN where a
 * score is, and for a class of no rows, which the averages leave out.
 */
export const precisionAtRecall = /* @__PURE__ */ scoreMetric({
  name: 'precisionAtRecall',
  options: {
    recall: /* @__PURE__ */ number({ default: 0.5, minimum: 0, maximum: 1, description: 'the least recall' }),
  },
  needs: 'positives',
  measure: (t, { recall }) =>
    bestWhere(
      precisions(t),
      t.truePositives.map((n) => n / t.positives),
      recall,
    ),
});
