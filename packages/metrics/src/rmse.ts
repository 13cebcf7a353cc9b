import { meanErrorMetric } from './errors.js';
import type { Metric } from './metric.js';
import { mseScore } from './mse.js';

/** The root of the mean squared difference, in the target's unit. */
export function rmseScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return Math.sqrt(mseScore(predicted, actual));
}

/** The root of the mean squared error over all elements, in the target's unit. NaN without any. */
export function rmse(): Metric {
  return meanErrorMetric('rmse', (difference) => difference * difference, Math.sqrt);
}
