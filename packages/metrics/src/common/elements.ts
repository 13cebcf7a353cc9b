import { KindlingError, type MetricBatch, showShape } from '@kindling/core';
import { sameButForOnes, weightsOf } from './items.js';

/**
 * Calls `see` for each pair of numbers, which need equal shapes, but for dimensions of 1 at the end. Column 0 holds all of
 * them where rows are single numbers. Says how many columns there are.
 */
export function eachElement(
  operation: string,
  { output, target, weight }: MetricBatch,
  see: (output: number, target: number, weight: number, column: number) => void,
): number {
  if (output.data.length !== target.data.length || !sameButForOnes(output.shape, target.shape))
    throw new KindlingError(
      `${operation}: outputs of shape ${showShape(output.shape)} and targets of shape ${showShape(target.shape)} must match, element by element.`,
    );
  const count = target.data.length;
  const rows = output.shape[0] ?? 1;
  const columns = rows === 0 ? 1 : count / rows;
  const weightOf = weightsOf(operation, weight, rows, count);
  for (let i = 0; i < count; i++) see(output.data[i], target.data[i], weightOf(i), columns === 1 ? 0 : i % columns);
  return columns;
}
