import { boolean } from '@kindling/core';
import { matrixMetric, rowSums } from './common/matrix.js';

/**
 * The mean of the recalls of the classes that occur among the targets (scikit-learn's `balanced_accuracy_score`): what
 * guessing gets is 1 / classes, however rare a class is.
 *
 * Options: `adjusted` false, else 0 for guessing and 1 for perfection; `from`, `threshold`, `ignoreIndex` as of
 * `accuracy`. NaN without any row, and where `adjusted` with one class.
 */
export const balancedAccuracy = /* @__PURE__ */ matrixMetric({
  name: 'balancedAccuracy',
  options: { adjusted: /* @__PURE__ */ boolean({ default: false, description: 'whether 0 is what guessing gets' }) },
  higherIsBetter: true,
  range: [-1, 1],
  compute: (matrix, { adjusted }) => {
    const recalls = rowSums(matrix).flatMap((actual, i) => (actual === 0 ? [] : [matrix[i][i] / actual]));
    const mean = recalls.reduce((a, b) => a + b, 0) / recalls.length;
    const chance = 1 / recalls.length;
    return adjusted ? (mean - chance) / (1 - chance) : mean;
  },
});
