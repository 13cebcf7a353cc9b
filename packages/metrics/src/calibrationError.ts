import { choice, defineMetric, integer } from '@kindling/core';
import { classOf, largest } from './common/classes.js';
import { itemsOf } from './common/items.js';
import { probabilitiesOf, probabilityOptions, probabilityOutput } from './common/probabilities.js';

/**
 * How far confidence is from accuracy: rows are put in `bins` of equal width by confidence, and the gaps between the mean
 * confidence and the share that is right are averaged by the bins' rows (Guo et al. 2017; torchmetrics'
 * `CalibrationError`). Confidence is the largest probability; for two classes the probability of class 1, compared with
 * the share of class 1.
 *
 * Outputs and targets as of `logLoss`. Options: `norm` 'l1' (the expected error, ECE), 'l2' (its root mean square) or 'max'
 * (the largest gap, MCE); `bins` 15, each with its lower edge, the last with both; `from` 'logits'; `ignoreIndex` −100.
 * NaN without any row, and where a probability is.
 */
export const calibrationError = /* @__PURE__ */ defineMetric({
  name: 'calibrationError',
  task: ['classification', 'binary'],
  output: probabilityOutput,
  options: {
    norm: /* @__PURE__ */ choice(['l1', 'l2', 'max'], {
      default: 'l1',
      description: 'how the gaps of the bins become one',
    }),
    bins: /* @__PURE__ */ integer({ default: 15, minimum: 1, description: 'how many' }),
    ...probabilityOptions,
  },
  higherIsBetter: false,
  range: [0, 1],
  start: ({ bins }) => Array.from({ length: bins }, () => ({ confidence: 0, right: 0, all: 0 })),
  update: ({ from, bins, ignoreIndex }, state, batch) => {
    const items = itemsOf('calibrationError', batch);
    for (let i = 0; i < items.count; i++) {
      const actual = classOf('calibrationError', items, i, Math.max(2, items.width), ignoreIndex);
      if (actual === undefined) continue;
      const p = probabilitiesOf('calibrationError', items, i, from);
      const chosen = p.length === 2 ? 1 : largest(p, 0, p.length);
      const at = Math.min(Math.floor(p[chosen] * bins), bins - 1);
      const weight = items.weightOf(i);
      const bin = state[Number.isNaN(at) ? 0 : at];
      bin.all += weight;
      bin.confidence += weight * p[chosen];
      if (actual === chosen) bin.right += weight;
    }
  },
  compute: ({ norm }, bins) => {
    const all = bins.reduce((sum, bin) => sum + bin.all, 0);
    if (all === 0) return NaN;
    const gaps = bins.map((bin) => (bin.all === 0 ? 0 : Math.abs(bin.right - bin.confidence) / bin.all));
    if (norm === 'max') return gaps.some(Number.isNaN) ? NaN : Math.max(...gaps);
    const power = norm === 'l1' ? 1 : 2;
    const mean = gaps.reduce((sum, gap, i) => sum + gap ** power * (bins[i].all / all), 0);
    return norm === 'l1' ? mean : Math.sqrt(mean);
  },
});
