import { actualClasses, decide, requireClass, type DecisionOptions } from './decide.js';
import { requireSameLength, streaming, type Metric } from './metric.js';

/** `matrix[actual][predicted]` rows. Classes are integers from 0; their number is the largest's plus one unless given. */
export function confusionMatrixOf(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  classes?: number,
): number[][] {
  requireSameLength('confusionMatrix', predicted, actual);
  let count = classes ?? 0;
  if (classes === undefined)
    for (let i = 0; i < actual.length; i++) count = Math.max(count, predicted[i] + 1, actual[i] + 1);
  for (let i = 0; i < actual.length; i++) {
    requireClass('confusionMatrix', predicted[i], count, i);
    requireClass('confusionMatrix', actual[i], count, i);
  }
  const matrix = square(count);
  for (let i = 0; i < actual.length; i++) matrix[actual[i]][predicted[i]]++;
  return matrix;
}

/** How often each class was taken for each: `matrix[actual][predicted]`. Empty without any row. */
export function confusionMatrix(options: DecisionOptions = {}): Metric<number[][]> {
  return confusionMetric('confusionMatrix', options, (matrix) => matrix);
}

/** A metric that depends on the confusion matrix alone. @internal */
export function confusionMetric<R>(
  name: string,
  { threshold = 0 }: DecisionOptions,
  result: (matrix: number[][]) => R,
): Metric<R> {
  return streaming(
    () => ({ matrix: [] as number[][] }),
    (state, output, target) => {
      const { classes, count } = decide(name, output, threshold);
      const actual = actualClasses(name, target, classes.length, count);
      if (state.matrix.length < count) {
        const larger = square(count);
        state.matrix.forEach((row, i) => row.forEach((cell, j) => (larger[i][j] = cell)));
        state.matrix = larger;
      }
      for (let i = 0; i < classes.length; i++) state.matrix[actual[i]][classes[i]]++;
    },
    ({ matrix }) => result(matrix.map((row) => [...row])),
  );
}

function square(size: number): number[][] {
  return Array.from({ length: size }, () => new Array<number>(size).fill(0));
}
