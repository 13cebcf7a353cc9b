import type { DType, Tensor } from '@kindling/core';

/**
 * What is known of a tensor of a random program: enough to choose operations that are defined for it, and to say how
 * far two correct evaluations may lie apart.
 */
export interface Known {
  /** Elements are at most this large. */
  readonly bound: number;
  /** Whole numbers, computed without rounding: every backend gives the same bits. */
  readonly whole: boolean;
  /** The error is 0, whole or not: comparisons and roundings of it are safe. */
  readonly certain: boolean;
}

/** A value of a program as it is being chosen; the tensor is never evaluated, it tells shape and dtype. */
export interface Draft extends Known {
  readonly tensor: Tensor;
}

/** An operation with all that was chosen for it. */
export interface Step extends Known {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** How far two evaluations may lie apart, for inputs that are apart by `errors`. */
  readonly error: (errors: readonly number[]) => number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Half the spacing of numbers around 1: what one rounding may change. */
export function roundoff(dtype: DType): number {
  return dtype === 'float64' ? 2 ** -53 : dtype === 'float32' ? 2 ** -24 : 0;
}

/** A function or an arithmetic operation is at most this many units in the last place off, on each backend. */
export const ulps = 4;
