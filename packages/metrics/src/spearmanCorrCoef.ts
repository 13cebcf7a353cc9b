import { doubledRanks, pairsMetric } from './common/pairs.js';

/**
 * Spearman's rank correlation: Pearson's of the ranks, equal values sharing the mean of theirs (SciPy's `spearmanr`). It
 * asks whether outputs are in the order of the targets. Of several columns [b, columns] it is the mean.
 *
 * Outputs and targets of one shape. Keeps every row. NaN where outputs or targets are all equal, where one is NaN, and
 * without any row.
 */
export const spearmanCorrCoef = /* @__PURE__ */ pairsMetric({
  name: 'spearmanCorrCoef',
  measure: ({ x, y, weight }) => {
    const [a, b] = [doubledRanks(x, weight), doubledRanks(y, weight)];
    const mean = weight.reduce((sum, w) => sum + w, 0); // of either
    let [aa, bb, ab] = [0, 0, 0];
    weight.forEach((w, i) => {
      aa += w * (a[i] - mean) ** 2;
      bb += w * (b[i] - mean) ** 2;
      ab += w * (a[i] - mean) * (b[i] - mean);
    });
    return aa === 0 || bb === 0 ? NaN : Math.max(-1, Math.min(1, ab / (Math.sqrt(aa) * Math.sqrt(bb))));
  },
});
