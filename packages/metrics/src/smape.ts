import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean of 2 |ŷ − y| / (|ŷ| + |y|) over all elements (torchmetrics' `SymmetricMeanAbsolutePercentageError`).
 *
 * Outputs and targets of one shape. NaN without any element. 0 where both are 0.
 */
export const smape = /* @__PURE__ */ meanErrorMetric({
  name: 'smape',
  range: [0, 2],
  measure: (output, target) =>
    output === target ? 0 : (2 * Math.abs(output - target)) / (Math.abs(output) + Math.abs(target)),
});
