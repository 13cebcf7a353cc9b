import { choice } from '@kindling/core';
import { columnSums, matrixMetric, rowSums, sum } from './common/matrix.js';

/**
 * Cohen's κ: agreement between targets and predictions beyond chance, 1 − Σ w_ij O_ij / Σ w_ij E_ij, with E from the
 * shares of the classes (scikit-learn's `cohen_kappa_score`).
 *
 * Options: `weights` 'none' (a mistake is a mistake), 'linear' |i − j| or 'quadratic' (i − j)² for ordered classes;
 * `from`, `threshold`, `ignoreIndex` as of `accuracy`. NaN where only one class occurs in both, and without any row.
 */
export const cohenKappa = /* @__PURE__ */ matrixMetric({
  name: 'cohenKappa',
  options: {
    weights: /* @__PURE__ */ choice(['none', 'linear', 'quadratic'], {
      default: 'none',
      description: 'how much a mistake counts by the distance of its classes',
    }),
  },
  higherIsBetter: true,
  range: [-1, 1],
  compute: (matrix, { weights }) => {
    const [actual, predicted] = [rowSums(matrix), columnSums(matrix)];
    const all = sum(actual);
    let [observed, expected] = [0, 0];
    matrix.forEach((row, i) =>
      row.forEach((cell, j) => {
        const cost = { none: +(i !== j), linear: Math.abs(i - j), quadratic: (i - j) ** 2 }[weights];
        observed += cost * cell;
        expected += (cost * actual[i] * predicted[j]) / all;
      }),
    );
    return 1 - observed / expected;
  },
});
