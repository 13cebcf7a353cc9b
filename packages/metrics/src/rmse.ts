import { meanErrorMetric } from './common/meanError.js';

/**
 * The root of the mean squared error over all elements, in the target's unit (scikit-learn's `mean_squared_error` with
 * `squared=False`).
 *
 * Outputs and targets of one shape. NaN without any element.
 */
export const rmse = /* @__PURE__ */ meanErrorMetric({
  name: 'rmse',
  measure: (output, target) => (output - target) ** 2,
  finish: Math.sqrt,
});
