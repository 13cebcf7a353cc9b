import { choice, integer } from '@kindling/core';
import { columnSums, grow, matrixMetric, rowSums, sum } from './common/matrix.js';

/**
 * How often each class was taken for each: `matrix[actual][predicted]` (scikit-learn's `confusion_matrix`).
 *
 * Outputs and targets as of `accuracy`. Options: `normalize` 'none', or shares of 'actual' (rows sum to 1), of 'predicted'
 * (columns do) or of 'all'; `classes` 0, else at least so many rows and columns; `from`, `threshold`, `ignoreIndex` as of
 * `accuracy`. Where nothing is to be shared the shares are 0. Empty without any row.
 */
export const confusionMatrix = /* @__PURE__ */ matrixMetric({
  name: 'confusionMatrix',
  options: {
    normalize: /* @__PURE__ */ choice(['none', 'actual', 'predicted', 'all'], {
      default: 'none',
      description: 'what sums to 1: each row, each column, or all',
    }),
    classes: /* @__PURE__ */ integer({ default: 0, minimum: 0, description: 'at least so many rows and columns' }),
  },
  compute: (matrix, { normalize, classes }) => {
    grow(matrix, classes);
    if (normalize === 'none') return matrix;
    const [actual, predicted] = [rowSums(matrix), columnSums(matrix)];
    const all = sum(actual);
    return matrix.map((row, i) =>
      row.map((cell, j) => (cell === 0 ? 0 : cell / { actual: actual[i], predicted: predicted[j], all }[normalize])),
    );
  },
});
