import { averagePrecisionOf } from './common/precisionSteps.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The area under the steps of precision over recall: Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores from the highest on
 * (scikit-learn's `average_precision_score`, torchmetrics' `AveragePrecision`).
 *
 * Outputs, targets and options as of `rocAuc`. 1 for a class of all rows; NaN where a score is, and for a class without
 * rows, which the averages leave out.
 */
export const averagePrecision = /* @__PURE__ */ scoreMetric({
  name: 'averagePrecision',
  needs: 'positives',
  measure: averagePrecisionOf,
});
