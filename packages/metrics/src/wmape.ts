import { defineMetric } from '@kindling/core';
import { eachElement } from './common/elements.js';

/**
 * Σ |ŷ − y| / Σ |y| over all elements (torchmetrics' `WeightedMeanAbsolutePercentageError`): a percentage error that small
 * targets do not dominate.
 *
 * Outputs and targets of one shape. Infinity where all targets are 0 and missed; NaN where they are met, and without any
 * element.
 */
export const wmape = /* @__PURE__ */ defineMetric({
  name: 'wmape',
  task: 'regression',
  options: {},
  higherIsBetter: false,
  range: [0, Infinity],
  start: () => ({ errors: 0, targets: 0 }),
  update: (_, state, batch) => {
    eachElement('wmape', batch, (output, target, weight) => {
      state.errors += weight * Math.abs(output - target);
      state.targets += weight * Math.abs(target);
    });
  },
  compute: (_, { errors, targets }) => errors / targets,
});
