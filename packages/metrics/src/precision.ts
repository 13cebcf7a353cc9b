import { countsMetric, ratio } from './common/counts.js';

/**
 * Of the rows said to be of a class, the share that is: true positives / predicted positives (scikit-learn's `precision_score`).
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class that is never predicted. NaN without any row.
 */
export const precision = /* @__PURE__ */ countsMetric({
  name: 'precision',
  measure: ({ right, predicted }) => ratio(right, predicted),
});
