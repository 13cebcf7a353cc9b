import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean absolute error |ŷ − y| over all elements, in the target's unit (scikit-learn's `mean_absolute_error`).
 *
 * Outputs and targets of one shape. NaN without any element.
 */
export const mae = /* @__PURE__ */ meanErrorMetric({
  name: 'mae',
  measure: (output, target) => Math.abs(output - target),
});
