import { KindlingError, type MetricBatch, showShape, type Values } from '@kindling/core';

/** A batch as items that each have one target: rows, or the positions of rows where there are more dimensions. */
export interface Items {
  readonly count: number;
  /** Numbers of output an item: one for each class, or a single one for two classes. */
  readonly width: number;
  /** [count, width], row-major. */
  readonly output: ArrayLike<number>;
  /** [count], or [count, width] where `perClass`. */
  readonly target: ArrayLike<number>;
  readonly perClass: boolean;
  readonly weightOf: (item: number) => number;
}

/** Outputs [b], [b, classes] or [b, classes, …]; targets [b, …] of indices, or one number per class, as the outputs. */
export function itemsOf(operation: string, { output, target, weight }: MetricBatch): Items {
  const { shape } = output;
  const rows = shape[0] ?? 1;
  const width = shape.length < 2 ? 1 : shape[1];
  const inner = shape.slice(2).reduce((a, b) => a * b, 1);
  const indices = [rows, ...shape.slice(2)];
  const perClass = width !== 1 && sameButForOnes(target.shape, shape);
  if (!perClass && !sameButForOnes(target.shape, indices) && !(width === 1 && sameButForOnes(target.shape, shape)))
    throw new KindlingError(
      `${operation}: targets of shape ${showShape(target.shape)} do not fit outputs of shape ${showShape(shape)}; ` +
        `they must be ${showShape(indices)}${width === 1 ? '' : ` or ${showShape(shape)}`}.`,
    );
  const count = rows * inner;
  const inRows = (values: Values): ArrayLike<number> => (inner === 1 ? values.data : moved(values.data, rows, width, inner)); // prettier-ignore
  return {
    count,
    width,
    output: inRows(output),
    target: perClass ? inRows(target) : target.data,
    perClass,
    weightOf: weightsOf(operation, weight, rows, count),
  };
}

/** The weight of each item: of its own, of its row, or 1. */
export function weightsOf(
  operation: string,
  weight: ArrayLike<number> | undefined,
  rows: number,
  count: number,
): (item: number) => number {
  if (weight === undefined) return () => 1;
  if (weight.length !== count && weight.length !== rows)
    throw new KindlingError(
      `${operation}: ${weight.length} weights do not fit; there must be one for each of the ${rows} rows.`,
    );
  for (let i = 0; i < weight.length; i++)
    if (!(weight[i] >= 0 && weight[i] < Infinity))
      throw new KindlingError(`${operation}: weight ${i} is ${weight[i]}; weights must be 0 or more, and finite.`);
  const each = weight.length === count ? 1 : count / rows;
  return (item) => weight[Math.floor(item / each)];
}

/** Whether shapes are equal but for dimensions of 1 at the end. */
export function sameButForOnes(a: readonly number[], b: readonly number[]): boolean {
  const trimmed = (shape: readonly number[]): string => {
    let rank = shape.length;
    while (rank > 1 && shape[rank - 1] === 1) rank--;
    return shape.slice(0, rank).join();
  };
  return trimmed(a.length === 0 ? [1] : a) === trimmed(b);
}

/** [rows, width, inner] → [rows, inner, width]. */
function moved(data: ArrayLike<number>, rows: number, width: number, inner: number): Float64Array {
  const result = new Float64Array(data.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (let c = 0; c < width; c++) for (let i = 0; i < inner; i++) result[(row * inner + i) * width + c] = data[at++];
  return result;
}
