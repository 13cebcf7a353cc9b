import { confusionMatrixOf, confusionMetric } from './confusionMatrix.js';
import type { DecisionOptions } from './decide.js';
import { macro, ratio, type ClassCounts } from './macro.js';
import type { Metric } from './metric.js';

const measure = ({ right, predicted }: ClassCounts): number => ratio(right, predicted);

/** Of the rows said to be of a class, the share that is (0 where none is said to be), averaged over the classes that occur. */
export function precisionScore(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return macro(confusionMatrixOf(predicted, actual), measure);
}

/** Of the rows said to be of a class, the share that is (0 where none is said to be), averaged over the classes that occur (macro). NaN without any row. */
export function precision(options: DecisionOptions = {}): Metric {
  return confusionMetric('precision', options, (matrix) => macro(matrix, measure));
}
