import { countsMetric, ratio } from './common/counts.js';

/**
 * The harmonic mean of precision and recall: 2 · true positives / (actual + predicted positives) (scikit-learn's `f1_score`).
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class without rows that is never predicted. NaN without any row.
 */
export const f1 = /* @__PURE__ */ countsMetric({
  name: 'f1',
  measure: ({ right, actual, predicted }) => ratio(2 * right, actual + predicted),
});
