import { type DType, isFloat, type ReduceOp, sizeOf } from '@kindling/core';
import { forEachIndex, stridesOf } from '../reference/strides.js';
import type { Bounded } from './bounded.js';
import { type Tolerance, unitRoundoff } from './tolerance.js';

/**
 * A sum of n terms in any sensible order: errors that are as often up as down grow with √n, relative to the sum of
 * magnitudes.
 */
export function sumRounding(n: number, magnitude: number, dtype: DType, tolerance: Required<Tolerance>): number {
  return n < 2 || !Number.isFinite(magnitude)
    ? 0
    : 2 * tolerance.sums * (2 + Math.sqrt(n)) * unitRoundoff(dtype) * magnitude;
}

type Combine = (x: readonly number[], e: readonly number[], dtype: DType, tolerance: Required<Tolerance>) => number;

const combine: Record<ReduceOp, Combine> = {
  sum: (x, e, dtype, tolerance) => total(e) + sumRounding(x.length, total(x.map(Math.abs)), dtype, tolerance),
  prod: (x, e, dtype, tolerance) => {
    const greatest = x.reduce((p, xi, i) => p * (Math.abs(xi) + e[i]), 1);
    const spread = e.some((ei) => ei > 0) ? greatest - Math.abs(x.reduce((p, xi) => p * xi, 1)) : 0;
    // twice: the product itself may be on either side of the reference's
    return (
      2 * spread + (Number.isFinite(greatest) ? 4 * x.length * tolerance.basic * unitRoundoff(dtype) * greatest : 0)
    );
  },
  amax: (_, e) => Math.max(0, ...e),
  amin: (_, e) => Math.max(0, ...e),
  argmax: (x, e) => unless(isFirst(x, e, 1)),
  argmin: (x, e) => unless(isFirst(x, e, -1)),
};
const unless = (certain: boolean): number => (certain ? 0 : Infinity);

export function reductionError(
  op: ReduceOp,
  input: Bounded,
  shape: readonly number[],
  dims: readonly number[],
  tolerance: Required<Tolerance>,
): Float64Array {
  const out = new Float64Array(sizeOf(shape));
  const strides = stridesOf(input.shape);
  const within = (d: number): boolean => dims.includes(d);
  const keptStrides = strides.filter((_, d) => !within(d));
  const reducedShape = input.shape.filter((_, d) => within(d));
  const reducedStrides = strides.filter((_, d) => within(d));
  forEachIndex(shape, keptStrides, 0, (base, position) => {
    const x: number[] = [];
    const e: number[] = [];
    forEachIndex(reducedShape, reducedStrides, base, (offset) => {
      x.push(input.array[offset]);
      e.push(input.error[offset]);
    });
    if (isFloat(input.dtype)) out[position] = combine[op](x, e, input.dtype, tolerance);
    else out[position] = unless(e.every((ei) => ei === 0));
  });
  return out;
}

/** Whether the place of the greatest (or, with sign −1, smallest) is the same for all values within the errors. */
function isFirst(x: readonly number[], e: readonly number[], sign: 1 | -1): boolean {
  if (e.every((ei) => ei === 0)) return true;
  let best = 0;
  x.forEach((xi, i) => {
    if (sign * xi > sign * x[best]) best = i;
  });
  return x.every((xi, i) => i === best || sign * xi + e[i] < sign * x[best] - e[best]);
}

function total(xs: readonly number[]): number {
  return xs.reduce((a, b) => a + b, 0);
}
