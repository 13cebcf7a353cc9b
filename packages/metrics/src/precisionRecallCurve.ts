import { averagePrecisionOf, precisions } from './common/precisionSteps.js';
import { curveMetric } from './common/scoreMetric.js';

export interface PrecisionRecallCurve {
  readonly precision: number[];
  readonly recall: number[];
  /** A row counts as positive from this score on. The first is Infinity: no row does, recall is 0, precision is set to 1. */
  readonly thresholds: number[];
  readonly averagePrecision: number;
}

/**
 * Precision and recall of each class against the others, one of class 1 where there are two, at every distinct score from
 * the highest on (scikit-learn's `precision_recall_curve`, in the opposite order).
 *
 * Outputs, targets and options as of `rocAuc`, without `average`; thresholds are log-odds of logits, else in the unit of
 * the outputs. Recall is NaN for a class without rows. Empty without any row; a curve with a NaN among its scores has one
 * point.
 */
export const precisionRecallCurve = /* @__PURE__ */ curveMetric({
  name: 'precisionRecallCurve',
  curve: (t): PrecisionRecallCurve => ({
    precision: [1, ...precisions(t)],
    recall: [0, ...t.truePositives].map((n) => n / t.positives),
    thresholds: [Infinity, ...t.thresholds],
    averagePrecision: averagePrecisionOf(t),
  }),
});
