import { KindlingError, number } from '@kindling/core';
import { meanErrorMetric } from './common/meanError.js';

/**
 * The mean deviance of a Tweedie distribution (scikit-learn's `mean_tweedie_deviance`): `power` 0 is the squared error, 1
 * Poisson's 2 (y log(y/ŷ) − y + ŷ), 2 gamma's 2 (log(ŷ/y) + y/ŷ − 1), else
 * 2 (max(y, 0)^(2−p) / ((1−p)(2−p)) − y ŷ^(1−p) / (1−p) + ŷ^(2−p) / (2−p)).
 *
 * Outputs and targets of one shape. Options: `power` 0, not between 0 and 1. NaN without any element.
 * @throws KindlingError where a number is not possible under the distribution: outputs must be positive unless `power` is
 * 0, targets 0 or more from 1 on, and positive from 2 on.
 */
export const tweedieDeviance = /* @__PURE__ */ meanErrorMetric({
  name: 'tweedieDeviance',
  options: { power: /* @__PURE__ */ number({ default: 0, description: 'of the variance; not between 0 and 1' }) },
  measure: (output, target, { power: p }) => {
    if (p === 0) return (output - target) ** 2;
    if (p > 0 && p < 1) throw new KindlingError(`tweedieDeviance: power must not be between 0 and 1, got ${p}.`);
    if (output <= 0 || (p >= 1 && target < 0) || (p >= 2 && target === 0))
      throw new KindlingError(`tweedieDeviance: with power ${p} an output of ${output} for ${target} is impossible.`);
    if (p === 1) return 2 * ((target === 0 ? 0 : target * Math.log(target / output)) - target + output);
    if (p === 2) return 2 * (Math.log(output / target) + target / output - 1);
    return (
      2 *
      (Math.max(target, 0) ** (2 - p) / ((1 - p) * (2 - p)) -
        (target * output ** (1 - p)) / (1 - p) +
        output ** (2 - p) / (2 - p))
    );
  },
});
