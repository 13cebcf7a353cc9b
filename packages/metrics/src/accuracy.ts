import { confusionMetric } from './confusionMatrix.js';
import type { DecisionOptions } from './decide.js';
import { requireSameLength, type Metric } from './metric.js';

/** The share of predictions that equal the target. NaN without any row. */
export function accuracyScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  requireSameLength('accuracy', predicted, actual);
  let right = 0;
  for (let i = 0; i < actual.length; i++) if (predicted[i] === actual[i]) right++;
  return right / actual.length;
}

/** The share of rows whose class is predicted rightly. NaN without any row. */
export function accuracy(options: DecisionOptions = {}): Metric {
  return confusionMetric('accuracy', options, (matrix) => {
    let right = 0;
    let all = 0;
    matrix.forEach((row, actual) =>
      row.forEach((count, predicted) => {
        all += count;
        if (actual === predicted) right += count;
      }),
    );
    return right / all;
  });
}
