import { type DType, hostArray, isFloat, sizeOf, type TypedArray } from '@kindling/core';
import type { Generator } from './generator.js';

/** Numbers of moderate size, with a few that are special; `nonFinite` adds NaN and infinities. */
export function randomValues(
  random: Generator,
  shape: readonly number[],
  dtype: DType,
  { nonFinite = false }: { readonly nonFinite?: boolean } = {},
): TypedArray {
  const special = [0, -0, 1, -1, 0.5, 2, ...(nonFinite ? [NaN, Infinity, -Infinity] : [])];
  const array = hostArray(dtype, sizeOf(shape));
  for (let i = 0; i < array.length; i++) {
    if (dtype === 'bool') array[i] = random.integer(0, 2);
    else if (!isFloat(dtype))
      array[i] = random.chance(0.1) ? random.integer(-(2 ** 31), 2 ** 31) : random.integer(-5, 6);
    else if (random.chance(0.15)) array[i] = random.pick(special);
    // float16 on the host has the precision of float32
    else array[i] = dtype === 'float16' ? random.integer(-96, 97) / 32 : (random.next() * 2 - 1) * 3;
  }
  return array;
}

/** Sizes of 0 (rarely), 1, small numbers and primes; at most `elements` in all. */
export function randomShape(random: Generator, elements: number): number[] {
  const shape: number[] = [];
  let size = 1;
  for (let rank = random.integer(0, 5); rank > 0; rank--) {
    const n = random.chance(0.02) ? 0 : random.pick([1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 13, 16, 17, 31]);
    if (size * n > elements) continue;
    shape.push(n);
    size *= Math.max(1, n);
  }
  return shape;
}
