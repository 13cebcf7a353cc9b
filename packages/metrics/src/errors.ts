import { KindlingError } from '@kindling/core';
import { requireSameLength, streaming, type Metric, type Values } from './metric.js';

/** The mean of a measure of the differences. NaN without any element. @internal */
export function meanError(
  name: string,
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  measure: (difference: number) => number,
): number {
  requireSameLength(name, predicted, actual);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) sum += measure(predicted[i] - actual[i]);
  return sum / actual.length;
}

/** The same, batch by batch, finished by `finish`. @internal */
export function meanErrorMetric(
  name: string,
  measure: (difference: number) => number,
  finish: (mean: number) => number = (mean) => mean,
): Metric {
  return streaming(
    () => ({ sum: 0, count: 0 }),
    (state, output, target) => {
      requireMatching(name, output, target);
      for (let i = 0; i < target.data.length; i++) state.sum += measure(output.data[i] - target.data[i]);
      state.count += target.data.length;
    },
    ({ sum, count }) => finish(sum / count),
  );
}

/** Throws unless outputs and targets have the same shape, but for dimensions of 1 at the end. @internal */
export function requireMatching(name: string, output: Values, target: Values): void {
  const trimmed = ({ shape }: Values): string => {
    let rank = shape.length;
    while (rank > 1 && shape[rank - 1] === 1) rank--;
    return shape.slice(0, rank).join();
  };
  if (output.data.length !== target.data.length || trimmed(output) !== trimmed(target))
    throw new KindlingError(
      `${name}: outputs of shape [${output.shape.join(', ')}] and targets of shape [${target.shape.join(', ')}] must match, element by element.`,
    );
}
