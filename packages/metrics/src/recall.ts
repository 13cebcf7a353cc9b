import { countsMetric, ratio } from './common/counts.js';

/**
 * Of the rows of a class, the share that is found: true positives / actual positives (scikit-learn's `recall_score`); also
 * called sensitivity.
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class without rows. NaN without any row.
 */
export const recall = /* @__PURE__ */ countsMetric({
  name: 'recall',
  measure: ({ right, actual }) => ratio(right, actual),
});
