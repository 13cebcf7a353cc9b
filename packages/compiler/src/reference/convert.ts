import { deviceBytes, isFloat, type DType } from '@kindling/core';
import { roundToHalf } from './float16.js';

type Convert = (x: number) => number;

/** What makes the exact (integers: modulo 2³²) result of an operation a value of `dtype`. */
export function rounding(dtype: DType): Convert {
  switch (dtype) {
    case 'float32':
      return Math.fround;
    case 'float16':
      return roundToHalf;
    case 'int32':
      return (x) => x | 0;
    case 'uint32':
      return (x) => x >>> 0;
    default:
      return (x) => x;
  }
}

/** Floats to integers truncate and saturate, NaN gives 0; integers to integers keep their bits; to bool is ≠ 0. */
export function casting(from: DType, to: DType): Convert {
  if (to === 'bool') return (x) => (x !== 0 ? 1 : 0);
  if (isFloat(to) || !isFloat(from)) return rounding(to);
  const [least, greatest] = range(to);
  return (x) => (x !== x ? 0 : Math.min(Math.max(Math.trunc(x), least), greatest) + 0); // + 0: no −0
}

export function bitcasting(from: DType, to: DType): Convert {
  if (from === to) return (x) => x;
  const bytes = new ArrayBuffer(deviceBytes(from));
  const source = words(from, bytes);
  const target = words(to, bytes);
  return (x) => {
    source[0] = x;
    return target[0];
  };
}

function words(dtype: DType, bytes: ArrayBuffer): Float32Array | Int32Array | Uint32Array {
  return dtype === 'float32'
    ? new Float32Array(bytes)
    : dtype === 'uint32'
      ? new Uint32Array(bytes)
      : new Int32Array(bytes);
}

/** The least and the greatest value: −∞ and +∞ of a float. */
export function range(dtype: DType): readonly [number, number] {
  switch (dtype) {
    case 'int32':
      return [-2147483648, 2147483647];
    case 'uint32':
      return [0, 4294967295];
    case 'bool':
      return [0, 1];
    default:
      return [-Infinity, Infinity];
  }
}
