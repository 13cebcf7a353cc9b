import { rounding } from '@kindling/compiler';
import { hostArray, isFloat, KindlingError, showShape, sizeOf, type TypedArray } from '@kindling/core';
import { forEachIndex, stridesOf } from './strides.js';
import type { Value } from './value.js';

/** Remembers what went wrong in a run, until somebody reads. */
export type Report = (error: KindlingError) => void;

/** out[i…] = data[i…, but the index in place of dimension `dim`]. */
export function gather(data: Value, index: Value, dim: number, report: Report): TypedArray {
  const out = hostArray(data.dtype, sizeOf(index.shape));
  const strides = stridesOf(data.shape);
  const others = strides.map((s, d) => (d === dim ? 0 : s));
  forEachIndex(index.shape, others, 0, (offset, position) => {
    const at = inRange('gather', index.array[position], data, dim, report);
    if (at >= 0) out[position] = data.array[offset + at * strides[dim]];
  });
  return out;
}

/** base, with source added at the indices along `dim`; float sums in float64, rounded once. */
export function scatterAdd(base: Value, index: Value, source: Value, dim: number, report: Report): TypedArray {
  const round = rounding(base.dtype);
  const sums = Float64Array.from(base.array);
  const strides = stridesOf(base.shape);
  const others = strides.map((s, d) => (d === dim ? 0 : s));
  forEachIndex(index.shape, others, 0, (offset, position) => {
    const at = inRange('scatterAdd', index.array[position], base, dim, report);
    if (at < 0) return;
    const sum = sums[offset + at * strides[dim]] + source.array[position];
    sums[offset + at * strides[dim]] = isFloat(base.dtype) ? sum : round(sum);
  });
  const out = hostArray(base.dtype, sums.length);
  for (let i = 0; i < out.length; i++) out[i] = round(sums[i]);
  return out;
}

/** The index, clamped and reported where it is out of range; −1 where there is nothing to index. */
function inRange(operation: string, index: number, data: Value, dim: number, report: Report): number {
  const size = data.shape[dim];
  if (index >= 0 && index < size) return index;
  report(
    new KindlingError(
      `${operation}: index ${index} is out of range for dimension ${dim} of shape ${showShape(data.shape)}; ` +
        (size === 0 ? 'it is empty' : `use 0 to ${size - 1}`),
    ),
  );
  return Math.min(Math.max(index, 0), size - 1);
}
