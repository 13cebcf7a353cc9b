import { defineMetric } from '@kindling/core';
import { eachElement } from './common/elements.js';

/**
 * The largest |ŷ − y| of all elements (scikit-learn's `max_error`). A weight says only whether an element counts.
 *
 * Outputs and targets of one shape. NaN without any element, and where an error is.
 */
export const maxError = /* @__PURE__ */ defineMetric({
  name: 'maxError',
  task: 'regression',
  options: {},
  higherIsBetter: false,
  range: [0, Infinity],
  start: () => ({ most: NaN, any: false }),
  update: (_, state, batch) => {
    eachElement('maxError', batch, (output, target, weight) => {
      if (weight === 0) return;
      const error = Math.abs(output - target);
      state.most = state.any ? Math.max(state.most, error) : error;
      state.any = true;
    });
  },
  compute: (_, { most }) => most,
});
