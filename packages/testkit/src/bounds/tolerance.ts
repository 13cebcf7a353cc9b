import type { DType } from '@kindling/core';

/** How exact a backend is to be: units in the last place that one operation on exact operands may be off by. */
export interface Tolerance {
  /** add, sub, mul, div, sqrt, mod. Default 1. */
  readonly basic?: number;
  /** exp, log, sin, cos, tanh, erf, pow. Default 4. */
  readonly functions?: number;
  /** Sums of n terms: times 2 + √n and the sum of magnitudes. Default 1. */
  readonly sums?: number;
}

/** Half the distance from 1 to the next greater number. */
export function unitRoundoff(dtype: DType): number {
  return dtype === 'float64' ? 2 ** -53 : dtype === 'float16' ? 2 ** -11 : 2 ** -24;
}
/** Below it, a device may give 0. */
export function smallestNormal(dtype: DType): number {
  return dtype === 'float64' ? 2 ** -1022 : dtype === 'float16' ? 2 ** -14 : 2 ** -126;
}
export function greatestFinite(dtype: DType): number {
  return dtype === 'float64' ? Number.MAX_VALUE : dtype === 'float16' ? 65504 : (2 - 2 ** -23) * 2 ** 127;
}
