import { areaUnderRoc } from './common/areaUnderRoc.js';
import { curveMetric } from './common/scoreMetric.js';

export interface RocCurve {
  readonly falsePositiveRate: number[];
  readonly truePositiveRate: number[];
  /** A row counts as positive from this score on. The first is Infinity: no row does. */
  readonly thresholds: number[];
  readonly auc: number;
}

/**
 * The receiver operating characteristic of each class against the others, one of class 1 where there are two: rates at
 * every distinct score, from (0, 0) to (1, 1) (scikit-learn's `roc_curve` with `drop_intermediate=False`).
 *
 * Outputs, targets and options as of `rocAuc`, without `average`; thresholds are log-odds of logits, else in the unit of
 * the outputs. A rate of no rows is NaN. Empty without any row; a curve with a NaN among its scores has one point.
 */
export const rocCurve = /* @__PURE__ */ curveMetric({
  name: 'rocCurve',
  curve: (t): RocCurve => ({
    falsePositiveRate: [0, ...t.falsePositives].map((n) => n / t.negatives),
    truePositiveRate: [0, ...t.truePositives].map((n) => n / t.positives),
    thresholds: [Infinity, ...t.thresholds],
    auc: areaUnderRoc(t),
  }),
});
