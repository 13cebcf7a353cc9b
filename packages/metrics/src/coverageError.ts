import { atLeast, labelRankingMetric } from './common/labelRanking.js';

/**
 * How many of a row's labels, from the highest score on, it takes to have all that it has, ties counting in full, averaged
 * over rows (scikit-learn's `coverage_error`).
 *
 * Outputs [b, labels] of any scores, targets [b, labels] of 0 and 1. 0 for a row without a label. NaN without any row, and
 * where a score is.
 */
export const coverageError = /* @__PURE__ */ labelRankingMetric({
  name: 'coverageError',
  higherIsBetter: false,
  range: [0, Infinity],
  measure: (scores, labels) => {
    const lowest = Math.min(...scores.filter((_, c) => labels[c] === 1));
    return lowest === Infinity ? 0 : atLeast(scores, lowest);
  },
});
