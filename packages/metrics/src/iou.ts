import { countsMetric, ratio } from './common/counts.js';

/**
 * Intersection over union of the rows (or pixels) that are of a class and that are said to be: |A ∩ B| / |A ∪ B|
 * (scikit-learn's `jaccard_score`, torchmetrics' `JaccardIndex`, Keras' `MeanIoU`); outputs may be [b, classes, h, w].
 *
 * Outputs and targets as of `accuracy`. Options: `average` 'macro' over the classes that occur (with `multilabel`, over all
 * labels), 'micro', 'weighted' by a class's rows, or 'binary' for class 1 alone; `multilabel`, `from`, `threshold`,
 * `ignoreIndex` as of `accuracy`. 0 for a class without rows that is never predicted. NaN without any row.
 */
export const iou = /* @__PURE__ */ countsMetric({
  name: 'iou',
  measure: ({ right, actual, predicted }) => ratio(right, actual + predicted - right),
});
