import { countsMetric, ratio } from './common/counts.js';

/**
 * Of the rows that are not of a class, the share that is not said to be: true negatives / actual negatives (torchmetrics'
 * `Specificity`).
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class that all rows are of. NaN without any row.
 */
export const specificity = /* @__PURE__ */ countsMetric({
  name: 'specificity',
  measure: ({ all, right, actual, predicted }) => ratio(all - actual - predicted + right, all - actual),
});
