import { columnSums, matrixMetric, rowSums, sum } from './common/matrix.js';

/**
 * Matthews' correlation coefficient between targets and predictions, for any number of classes Gorodkin's R_K:
 * (c s − Σ p_k t_k) / √((s² − Σ p_k²)(s² − Σ t_k²)) with s rows, c right, t_k of class k, p_k said to be (scikit-learn's
 * `matthews_corrcoef`). 1 is perfect, 0 as good as guessing.
 *
 * Outputs, targets and options as of `accuracy`, without `multilabel`. 0 where all targets, or all predictions, are of one
 * class; NaN without any row.
 */
export const matthewsCorrCoef = /* @__PURE__ */ matrixMetric({
  name: 'matthewsCorrCoef',
  higherIsBetter: true,
  range: [-1, 1],
  compute: (matrix) => {
    const [t, p] = [rowSums(matrix), columnSums(matrix)];
    const [s, c] = [sum(t), sum(matrix.map((row, i) => row[i]))];
    if (s === 0) return NaN;
    const together = (a: number[], b: number[]): number => sum(a.map((x, i) => x * b[i]));
    const spread = (s * s - together(p, p)) * (s * s - together(t, t));
    return spread <= 0 ? 0 : (c * s - together(p, t)) / Math.sqrt(spread);
  },
});
