import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean squared error (ŷ − y)² over all elements, in the square of the target's unit (scikit-learn's
 * `mean_squared_error`).
 *
 * Outputs and targets of one shape. NaN without any element.
 */
export const mse = /* @__PURE__ */ meanErrorMetric({
  name: 'mse',
  measure: (output, target) => (output - target) ** 2,
});
