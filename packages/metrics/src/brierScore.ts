import { defineMetric } from '@kindling/core';
import { classOf } from './common/classes.js';
import { itemsOf } from './common/items.js';
import { probabilitiesOf, probabilityOptions, probabilityOutput } from './common/probabilities.js';

/**
 * The mean squared distance of probabilities from what happened: (p − y)² for two classes, Σ_c (p_c − [y = c])² for more
 * (scikit-learn's `brier_score_loss`; Brier 1950).
 *
 * Outputs and targets as of `logLoss`. Options: `from` 'logits', `ignoreIndex` −100. NaN without any row.
 */
export const brierScore = /* @__PURE__ */ defineMetric({
  name: 'brierScore',
  task: ['classification', 'binary'],
  output: probabilityOutput,
  options: probabilityOptions,
  higherIsBetter: false,
  range: [0, 2],
  start: () => ({ sum: 0, all: 0 }),
  update: ({ from, ignoreIndex }, state, batch) => {
    const items = itemsOf('brierScore', batch);
    for (let i = 0; i < items.count; i++) {
      const actual = classOf('brierScore', items, i, Math.max(2, items.width), ignoreIndex);
      if (actual === undefined) continue;
      const p = probabilitiesOf('brierScore', items, i, from);
      const weight = items.weightOf(i);
      const each = p.length === 2 ? (p[1] - actual) ** 2 : p.reduce((sum, value, c) => sum + (value - +(c === actual)) ** 2, 0); // prettier-ignore
      state.sum += weight * each;
      state.all += weight;
    }
  },
  compute: (_, { sum, all }) => sum / all,
});
