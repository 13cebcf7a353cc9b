import { atLeast, labelRankingMetric } from './common/labelRanking.js';

/**
 * For each label that a row has, the share of true ones among those with at least its score; averaged over the row's
 * labels, and over rows (scikit-learn's `label_ranking_average_precision_score`, torchmetrics'
 * `MultilabelRankingAveragePrecision`).
 *
 * Outputs [b, labels] of any scores, targets [b, labels] of 0 and 1. 1 for a row with all labels or none. NaN without any
 * row, and where a score is.
 */
export const labelRankingAveragePrecision = /* @__PURE__ */ labelRankingMetric({
  name: 'labelRankingAveragePrecision',
  higherIsBetter: true,
  range: [0, 1],
  measure: (scores, labels) => {
    const own = scores.filter((_, c) => labels[c] === 1);
    if (own.length === 0) return 1;
    return own.reduce((sum, score) => sum + atLeast(own, score) / atLeast(scores, score), 0) / own.length;
  },
});
