import { rounding } from '@kindling/compiler';
import { hostArray, isFloat, sizeOf, type TypedArray } from '@kindling/core';
import type { Value } from './value.js';

/** [...batch, m, k] · [...batch, k, n]; float sums in float64, rounded once; integers wrap. */
export function matmul(a: Value, b: Value): TypedArray {
  const [m, k] = a.shape.slice(-2);
  const [n] = b.shape.slice(-1);
  const batch = sizeOf(a.shape.slice(0, -2));
  const out = hostArray(a.dtype, batch * m * n);
  const round = rounding(a.dtype);
  const row = new Float64Array(n);
  for (let i = 0; i < batch * m; i++) {
    row.fill(0);
    const bFrom = Math.floor(i / m) * k * n;
    for (let l = 0; l < k; l++) {
      const x = a.array[i * k + l];
      if (isFloat(a.dtype)) for (let j = 0; j < n; j++) row[j] += x * b.array[bFrom + l * n + j];
      else for (let j = 0; j < n; j++) row[j] = round(row[j] + Math.imul(x, b.array[bFrom + l * n + j]));
    }
    for (let j = 0; j < n; j++) out[i * n + j] = round(row[j]);
  }
  return out;
}
