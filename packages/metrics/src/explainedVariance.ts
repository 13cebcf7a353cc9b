import { explained, momentsMetric } from './common/moments.js';

/**
 * 1 − Var(y − ŷ) / Var(y) (scikit-learn's `explained_variance_score`): R², if a constant error is forgiven.
 *
 * Outputs, targets and options as of `r2`. For equal targets 1 if the errors are equal, too, and 0 otherwise; NaN below two
 * rows.
 */
export const explainedVariance = /* @__PURE__ */ momentsMetric({
  name: 'explainedVariance',
  range: [-Infinity, 1],
  measure: ({ count, ee, yy }) => (count < 2 ? NaN : explained(ee, yy)),
});
