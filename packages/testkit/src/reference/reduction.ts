import { reducer } from '@kindling/compiler';
import { type DType, hostArray, type ReduceOp, sizeOf, type TypedArray } from '@kindling/core';
import { forEachIndex, stridesOf } from './strides.js';
import type { Value } from './value.js';

const reducers = { sum: 'sum', prod: 'prod', amax: 'max', amin: 'min', argmax: 'argmax', argmin: 'argmin' } as const;

/** One result for every index of the other dimensions; float sums and products in float64, rounded once. */
export function reduction(
  op: ReduceOp,
  input: Value,
  shape: readonly number[],
  dtype: DType,
  dims: readonly number[],
): TypedArray {
  const out = hostArray(dtype, sizeOf(shape));
  const strides = stridesOf(input.shape);
  const keptStrides = strides.filter((_, d) => !dims.includes(d));
  // in the order of the dimensions, whatever the order they are named in
  const reduced = input.shape.map((_, d) => d).filter((d) => dims.includes(d));
  const reducedShape = reduced.map((d) => input.shape[d]);
  const reducedStrides = reduced.map((d) => strides[d]);
  forEachIndex(shape, keptStrides, 0, (base, position) => {
    const { add, result } = reducer(reducers[op], input.dtype);
    forEachIndex(reducedShape, reducedStrides, base, (offset) => {
      add(input.array[offset]);
    });
    out[position] = result();
  });
  return out;
}
