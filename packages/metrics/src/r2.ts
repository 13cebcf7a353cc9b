import { explained, momentsMetric } from './common/moments.js';

/**
 * The share of the targets' variance that the predictions explain: 1 − Σ (y − ŷ)² / Σ (y − ȳ)² (scikit-learn's `r2_score`).
 * 1 is perfect, 0 as good as always predicting the mean, negative worse.
 *
 * Outputs and targets of one shape, [b] or [b, columns]. Options: `multioutput` 'uniformAverage' of the columns, or
 * 'varianceWeighted' by those of the targets. For equal targets 1 if predicted exactly and 0 otherwise; NaN below two rows.
 */
export const r2 = /* @__PURE__ */ momentsMetric({
  name: 'r2',
  range: [-Infinity, 1],
  measure: ({ count, squares, yy }) => (count < 2 ? NaN : explained(squares, yy)),
});
