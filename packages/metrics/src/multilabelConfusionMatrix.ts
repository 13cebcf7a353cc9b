import { defineMetric } from '@kindling/core';
import { Tally } from './common/counts.js';
import { decisionOutput, labelOptions } from './common/decisions.js';

/**
 * For each label (or class against all others) a matrix [[true negatives, false positives], [false negatives, true
 * positives]], as scikit-learn's `multilabel_confusion_matrix`; torchmetrics calls these numbers `StatScores`.
 *
 * Outputs, targets and options as of `accuracy`. Empty without any row.
 */
export const multilabelConfusionMatrix = /* @__PURE__ */ defineMetric({
  name: 'multilabelConfusionMatrix',
  task: ['classification', 'binary', 'multilabel'],
  output: decisionOutput,
  options: labelOptions,
  start: () => new Tally(),
  update: (options, tally, batch) => tally.add('multilabelConfusionMatrix', options, batch),
  compute: (_, { classes }) =>
    classes.map(({ all, actual, predicted, right }) => [
      [all - actual - predicted + right, predicted - right],
      [actual - right, right],
    ]),
});
