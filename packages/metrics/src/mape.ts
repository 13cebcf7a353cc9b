import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean of |ŷ − y| / |y| over all elements, as a share, not in percent (scikit-learn's
 * `mean_absolute_percentage_error`).
 *
 * Outputs and targets of one shape. NaN without any element. A target of 0 counts as 2⁻⁵², so that
 * missing it makes the mean huge.
 */
export const mape = /* @__PURE__ */ meanErrorMetric({
  name: 'mape',
  measure: (output, target) => Math.abs(output - target) / Math.max(Math.abs(target), 2 ** -52),
});
