import { bitcasting, casting, scalarOp, type ScalarOp } from '@kindling/compiler';
import { type DType, type ElementwiseOp, hostArray, sizeOf, type TypedArray } from '@kindling/core';
import type { Value } from './value.js';

/** Operands have the result's shape or are one number for all of it. */
export function elementwise(
  op: ElementwiseOp,
  operands: readonly Value[],
  shape: readonly number[],
  dtype: DType,
): TypedArray {
  const apply = operation(op, operands, dtype);
  const out = hostArray(dtype, sizeOf(shape));
  const [a, b, c] = operands.map(({ array, shape }) => ({ array, step: shape.length === 0 ? 0 : 1 }));
  for (let i = 0; i < out.length; i++)
    out[i] = apply(a.array[i * a.step], b === undefined ? 0 : b.array[i * b.step], c === undefined ? 0 : c.array[i * c.step]); // prettier-ignore
  return out;
}

function operation(op: ElementwiseOp, operands: readonly Value[], dtype: DType): ReturnType<typeof scalarOp> {
  const from = operands[0].dtype;
  if (op === 'cast') return casting(from, dtype);
  if (op === 'bitcast') return bitcasting(from, dtype);
  // a comparison is of its operands, and bool whatever they are
  return scalarOp(op satisfies ScalarOp, op === 'lt' || op === 'le' || op === 'eq' || op === 'ne' ? from : dtype);
}
