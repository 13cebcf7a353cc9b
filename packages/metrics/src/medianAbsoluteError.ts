import { defineMetric } from '@kindling/core';
import { eachElement } from './common/elements.js';

/**
 * The median of |ŷ − y| over all elements, which a few outliers do not move (scikit-learn's `median_absolute_error`): the
 * middle one, or the mean of the two in the middle. With weights: where half of the weight is reached, so that a weight of
 * 2 is as two elements.
 *
 * Outputs and targets of one shape. Keeps every error. NaN without any element, and where an error is.
 */
export const medianAbsoluteError = /* @__PURE__ */ defineMetric({
  name: 'medianAbsoluteError',
  task: 'regression',
  options: {},
  higherIsBetter: false,
  range: [0, Infinity],
  start: () => [] as { error: number; weight: number }[],
  update: (_, state, batch) => {
    eachElement('medianAbsoluteError', batch, (output, target, weight) => {
      if (weight > 0) state.push({ error: Math.abs(output - target), weight });
    });
  },
  compute: (_, errors) => {
    if (errors.some(({ error }) => Number.isNaN(error))) return NaN;
    const sorted = [...errors].sort((a, b) => (a.error === b.error ? 0 : a.error - b.error));
    const half = sorted.reduce((sum, { weight }) => sum + weight, 0) / 2;
    let reached = 0;
    for (let i = 0; i < sorted.length; i++) {
      reached += sorted[i].weight;
      if (reached > half) return sorted[i].error;
      if (reached === half && i + 1 < sorted.length) return (sorted[i].error + sorted[i + 1].error) / 2;
    }
    return sorted.at(-1)?.error ?? NaN;
  },
});
