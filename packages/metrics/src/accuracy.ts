import { defineMetric } from '@kindling/core';
import { decisionOutput, eachDecision, eachLabel, labelOptions } from './common/decisions.js';

/**
 * The share of rows whose class is predicted rightly: Σ w · [ŷ = y] / Σ w. With `multilabel`, of rows whose labels are
 * all right (scikit-learn's `accuracy_score`, torchmetrics' `ExactMatch`).
 *
 * Outputs [b, classes], [b] or [b, 1] for two classes, or [b, classes, …] with a class at each position; targets are class
 * indices [b, …], or one number per class. Options: `from` 'logits', `threshold` 0.5, `ignoreIndex` −100, `multilabel`
 * false. NaN without any row.
 */
export const accuracy = /* @__PURE__ */ defineMetric({
  name: 'accuracy',
  task: ['classification', 'binary', 'multilabel'],
  output: decisionOutput,
  options: labelOptions,
  higherIsBetter: true,
  range: [0, 1],
  start: () => ({ right: 0, all: 0 }),
  update: (options, state, batch) => {
    if (!options.multilabel) {
      eachDecision('accuracy', options, batch, (actual, predicted, weight) => {
        state.all += weight;
        if (actual === predicted) state.right += weight;
      });
      return;
    }
    let wrong = -1; // the last row with a wrong label
    const labels = batch.output.shape[1] ?? 1;
    eachLabel('accuracy', options, batch, (label, actual, predicted, weight, item) => {
      if (actual !== predicted) wrong = item;
      if (label < labels - 1) return;
      state.all += weight;
      if (wrong !== item) state.right += weight;
    });
  },
  compute: (_, { right, all }) => right / all,
});
