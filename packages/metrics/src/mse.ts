import { meanError, meanErrorMetric } from './errors.js';
import type { Metric } from './metric.js';

/** The mean squared difference, in the square of the target's unit. */
export function mseScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return meanError('mse', predicted, actual, (difference) => difference * difference);
}

/** The mean squared error over all elements, in the square of the target's unit. NaN without any. */
export function mse(): Metric {
  return meanErrorMetric('mse', (difference) => difference * difference);
}
