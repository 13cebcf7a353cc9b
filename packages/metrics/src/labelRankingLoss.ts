import { labelRankingMetric } from './common/labelRanking.js';

/**
 * Of the pairs of a label that a row has and one that it has not, the share in which the former has no higher score,
 * averaged over rows (scikit-learn's `label_ranking_loss`, torchmetrics' `MultilabelRankingLoss`).
 *
 * Outputs [b, labels] of any scores, targets [b, labels] of 0 and 1. 0 for a row with all labels or none. NaN without any
 * row, and where a score is.
 */
export const labelRankingLoss = /* @__PURE__ */ labelRankingMetric({
  name: 'labelRankingLoss',
  higherIsBetter: false,
  range: [0, 1],
  measure: (scores, labels) => {
    const own = scores.filter((_, c) => labels[c] === 1);
    const others = scores.filter((_, c) => labels[c] === 0);
    if (own.length === 0 || others.length === 0) return 0;
    const wrong = own.reduce((sum, score) => sum + others.filter((other) => other >= score).length, 0);
    return wrong / (own.length * others.length);
  },
});
