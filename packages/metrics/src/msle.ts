import { KindlingError } from '@kindling/core';
import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean of (log(1 + ŷ) − log(1 + y))² over all elements (scikit-learn's `mean_squared_log_error`).
 *
 * Outputs and targets of one shape, none of them below 0. NaN without any element.
 * @throws KindlingError where one is negative.
 */
export const msle = /* @__PURE__ */ meanErrorMetric({
  name: 'msle',
  measure: (output, target) => {
    if (output < 0 || target < 0)
      throw new KindlingError(`msle: outputs and targets must be 0 or more, got ${output} for ${target}.`);
    return (Math.log1p(output) - Math.log1p(target)) ** 2;
  },
});
