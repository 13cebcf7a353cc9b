import { countsMetric, ratio } from './common/counts.js';

/**
 * Twice the overlap over the sum of both sets: 2 |A ∩ B| / (|A| + |B|) for each class. It equals `f1`, under the name that
 * segmentation knows it by: outputs [b, classes, h, w], targets [b, h, w].
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class without rows that is never predicted. NaN without any row.
 */
export const diceScore = /* @__PURE__ */ countsMetric({
  name: 'diceScore',
  measure: ({ right, actual, predicted }) => ratio(2 * right, actual + predicted),
});
