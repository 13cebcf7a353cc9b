import { countsMetric, ratio } from './common/counts.js';

/**
 * Of the rows not said to be of a class, the share that is not: true negatives / predicted negatives (torchmetrics'
 * `NegativePredictiveValue`).
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class that all rows are said to be of. NaN without any row.
 */
export const negativePredictiveValue = /* @__PURE__ */ countsMetric({
  name: 'negativePredictiveValue',
  measure: ({ all, right, actual, predicted }) => ratio(all - actual - predicted + right, all - predicted),
});
