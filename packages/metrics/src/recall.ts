import { confusionMatrixOf, confusionMetric } from './confusionMatrix.js';
import type { DecisionOptions } from './decide.js';
import { macro, ratio, type ClassCounts } from './macro.js';
import type { Metric } from './metric.js';

const measure = ({ right, actual }: ClassCounts): number => ratio(right, actual);

/** Of the rows of a class, the share that is found (0 where there are none), averaged over the classes that occur. */
export function recallScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return macro(confusionMatrixOf(predicted, actual), measure);
}

/** Of the rows of a class, the share that is found (0 where there are none), averaged over the classes that occur (macro). NaN without any row. */
export function recall(options: DecisionOptions = {}): Metric {
  return confusionMetric('recall', options, (matrix) => macro(matrix, measure));
}
