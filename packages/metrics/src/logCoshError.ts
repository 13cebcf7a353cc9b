import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean of log cosh(ŷ − y) over all elements: as the square for small errors, as the absolute value for large ones
 * (Keras' `LogCoshError`).
 *
 * Outputs and targets of one shape. NaN without any element.
 */
export const logCoshError = /* @__PURE__ */ meanErrorMetric({
  name: 'logCoshError',
  measure: (output, target) => {
    const error = Math.abs(output - target);
    return error + Math.log1p(Math.exp(-2 * error)) - Math.LN2;
  },
});
