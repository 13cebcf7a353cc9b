import { momentsMetric } from './common/moments.js';

/**
 * Lin's concordance: 2 Cov(ŷ, y) / (Var ŷ + Var y + (mean ŷ − mean y)²), with population moments (Lin 1989; Keras'
 * `ConcordanceCorrelation`). Pearson's correlation, less what a wrong scale or offset takes away.
 *
 * Outputs, targets and options as of `r2`. NaN where all outputs and targets are one number, and without any row.
 */
export const concordanceCorrCoef = /* @__PURE__ */ momentsMetric({
  name: 'concordanceCorrCoef',
  range: [-1, 1],
  measure: ({ weight, xx, yy, xy, meanX, meanY }) => (2 * xy) / (xx + yy + weight * (meanX - meanY) ** 2),
});
