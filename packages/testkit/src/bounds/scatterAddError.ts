import { isFloat } from '@kindling/core';
import { scatterAdd } from '../reference/indexing.js';
import type { Value } from '../reference/value.js';
import type { Bounded } from './bounded.js';
import { sumRounding } from './reductionError.js';
import type { Tolerance } from './tolerance.js';

/** Each place is a sum of what is there and what was added. */
export function scatterAddError(
  base: Bounded,
  index: Bounded,
  source: Bounded,
  dim: number,
  tolerance: Required<Tolerance>,
): Float64Array {
  const exact = [base, index, source].every(({ error }) => error.every((e) => e === 0));
  if (!isFloat(base.dtype) || index.error.some((e) => e > 0)) return base.error.map(() => (exact ? 0 : Infinity));
  const add = (a: readonly number[] | Float64Array, b: readonly number[] | Float64Array): Float64Array =>
    scatterAdd(as(base, Float64Array.from(a)), index, as(source, Float64Array.from(b)), dim, () => undefined) as Float64Array; // prettier-ignore
  const spread = add(base.error, source.error);
  const magnitude = add(Float64Array.from(base.array, Math.abs), Float64Array.from(source.array, Math.abs));
  const terms = add(base.error.map(() => 1), source.error.map(() => 1)); // prettier-ignore
  return spread.map((e, i) => e + sumRounding(terms[i], magnitude[i], base.dtype, tolerance));
}

function as({ shape }: Bounded, array: Float64Array): Value {
  return { array, shape, dtype: 'float64' };
}
