import { confusionMatrixOf, confusionMetric } from './confusionMatrix.js';
import type { DecisionOptions } from './decide.js';
import { macro, ratio, type ClassCounts } from './macro.js';
import type { Metric } from './metric.js';

const measure = ({ right, actual, predicted }: ClassCounts): number => ratio(2 * right, actual + predicted);

/** The harmonic mean of precision and recall, averaged over the classes that occur. */
export function f1Score(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return macro(confusionMatrixOf(predicted, actual), measure);
}

/** The harmonic mean of precision and recall, averaged over the classes that occur (macro). NaN without any row. */
export function f1(options: DecisionOptions = {}): Metric {
  return confusionMetric('f1', options, (matrix) => macro(matrix, measure));
}
