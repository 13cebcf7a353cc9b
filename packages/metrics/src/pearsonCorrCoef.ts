import { momentsMetric } from './common/moments.js';

/**
 * Pearson's correlation of outputs and targets, Σ (ŷ − mean)(y − mean) / √(Σ (ŷ − mean)² Σ (y − mean)²) (SciPy's
 * `pearsonr`).
 *
 * Outputs, targets and options as of `r2`. NaN where outputs or targets are equal, and below two rows.
 */
export const pearsonCorrCoef = /* @__PURE__ */ momentsMetric({
  name: 'pearsonCorrCoef',
  range: [-1, 1],
  measure: ({ xx, yy, xy }) =>
    xx === 0 || yy === 0 ? NaN : Math.max(-1, Math.min(1, xy / (Math.sqrt(xx) * Math.sqrt(yy)))),
});
