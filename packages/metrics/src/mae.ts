import { meanError, meanErrorMetric } from './errors.js';
import type { Metric } from './metric.js';

/** The mean absolute difference, in the target's unit. */
export function maeScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return meanError('mae', predicted, actual, Math.abs);
}

/** The mean absolute error over all elements, in the target's unit. NaN without any. */
export function mae(): Metric {
  return meanErrorMetric('mae', Math.abs);
}
