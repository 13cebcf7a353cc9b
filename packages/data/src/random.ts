import { KindlingError } from '@kindling/core';

/**
 * A small seeded generator for splits and batch order: xoshiro128** (Blackman and Vigna), its state filled by
 * splitmix32 from the seed and the stream. 32-bit integer arithmetic only, so the numbers are the same on every
 * platform. Not for tensors (those have counter-based bits) and not for secrets.
 */
export interface Random {
  /** The next 32 random bits. */
  bits(): number;
  /** An unbiased integer in [0, limit). */
  below(limit: number): number;
}

/** A generator for `seed`, any safe integer; each `stream` of one seed is independent of the others. */
export function random(seed: number, stream = 0): Random {
  if (!Number.isSafeInteger(seed)) throw new KindlingError(`The seed must be an integer, got ${seed}.`);
  const words = [seed | 0, Math.floor(seed / 2 ** 32) | 0, stream | 0];
  let mixed = 0x9e3779b9;
  for (const word of words) mixed = mix((mixed + word) | 0);
  const next = (): number => mix((mixed = (mixed + 0x9e3779b9) | 0));
  let [a, b, c, d] = [next(), next(), next(), next() | 1];
  const bits = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled >>> 0;
  };
  const below = (limit: number): number => {
    const fair = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const value = bits();
      if (value < fair) return value % limit;
    }
  };
  return { bits, below };
}

/** Shuffles `values` in place (Fisher–Yates) and returns them. */
function shuffle<T extends { length: number; [index: number]: number }>(values: T, source: Random): T {
  for (let i = values.length - 1; i > 0; i--) {
    const j = source.below(i + 1);
    const held = values[i];
    values[i] = values[j]!;
    values[j] = held;
  }
  return values;
}

/** 0 … length-1 in a random order. */
export function permutation(length: number, source: Random): Int32Array {
  return shuffle(
    Int32Array.from({ length }, (_, i) => i),
    source,
  );
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

/** The finaliser of splitmix32. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return value ^ (value >>> 15);
}
