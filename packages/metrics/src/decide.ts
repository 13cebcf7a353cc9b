import { KindlingError } from '@kindling/core';
import type { Values } from './metric.js';

/** How outputs of one number become classes. */
export interface DecisionOptions {
  /**
   * For outputs of one number a row: class 1 above it, else class 0. Default 0, as logits want it; 0.5 for
   * probabilities. Outputs of one number per class need none: the largest wins, the first among equals.
   */
  threshold?: number | undefined;
}

/** The class of each row of outputs: [b, classes] by the largest, [b] and [b, 1] by the threshold. @internal */
export function decide(
  operation: string,
  { data, shape }: Values,
  threshold: number,
): { classes: Int32Array; count: number } {
  const rows = shape[0] ?? 1;
  const width = shape.length <= 1 ? 1 : shape[1];
  if (shape.length > 2)
    throw new KindlingError(
      `${operation}: outputs must be [rows], [rows, 1] or [rows, classes], got [${shape.join(', ')}].`,
    );
  if (width === 1)
    return { classes: Int32Array.from({ length: rows }, (_, i) => (data[i] > threshold ? 1 : 0)), count: 2 };
  return { classes: largest(data, rows, width), count: width };
}

/** The class of each row of targets: indices [b] or [b, 1], or one probability per class [b, classes]. @internal */
export function actualClasses(
  operation: string,
  { data, shape }: Values,
  rows: number,
  classes: number,
): ArrayLike<number> {
  const given = shape[0] ?? 1;
  const width = shape.length <= 1 ? 1 : shape[1];
  if (given !== rows || shape.length > 2 || (width !== 1 && width !== classes))
    throw new KindlingError(
      `${operation}: targets of shape [${shape.join(', ')}] do not fit ${rows} rows of outputs with ${classes} classes; they must be [${rows}] or [${rows}, ${classes}].`,
    );
  if (width > 1) return largest(data, rows, width);
  for (let i = 0; i < rows; i++) requireClass(operation, data[i], classes, i);
  return data;
}

/** @internal */
export function requireClass(operation: string, value: number, classes: number, row: number): void {
  if (!(Number.isInteger(value) && value >= 0 && value < classes))
    throw new KindlingError(
      `${operation}: row ${row} has class ${value}; classes are the integers 0 to ${classes - 1}.`,
    );
}

/** NaN loses to every number, so that a row of NaN is class 0 and never crashes a report. */
function largest(data: ArrayLike<number>, rows: number, width: number): Int32Array {
  const result = new Int32Array(rows);
  for (let row = 0, at = 0; row < rows; row++, at += width) {
    let best = -Infinity;
    for (let i = 0; i < width; i++) if (data[at + i] > best) [best, result[row]] = [data[at + i], i];
  }
  return result;
}
