import { defineMetric } from '@kindling/core';
import { decisionOutput, eachDecision, eachLabel, labelOptions } from './common/decisions.js';

/**
 * The share of labels that are wrong (scikit-learn's `hamming_loss`, torchmetrics' `HammingDistance`). Without
 * `multilabel` a row has one label, and this is 1 − accuracy.
 *
 * Outputs, targets and options as of `accuracy`. NaN without any row.
 */
export const hammingLoss = /* @__PURE__ */ defineMetric({
  name: 'hammingLoss',
  task: ['classification', 'binary', 'multilabel'],
  output: decisionOutput,
  options: labelOptions,
  higherIsBetter: false,
  range: [0, 1],
  start: () => ({ wrong: 0, all: 0 }),
  update: (options, state, batch) => {
    const see = (actual: number, predicted: number, weight: number): void => {
      state.all += weight;
      if (actual !== predicted) state.wrong += weight;
    };
    if (options.multilabel)
      eachLabel('hammingLoss', options, batch, (_, actual, predicted, weight) => see(actual, predicted, weight));
    else eachDecision('hammingLoss', options, batch, see);
  },
  compute: (_, { wrong, all }) => wrong / all,
});
