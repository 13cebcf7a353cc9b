import { isFloat, type DType } from '@kindling/core';
import { rounding } from './convert.js';
import { halfFromBits, halfToBits } from './float16.js';

/** A device buffer, element by element. */
export interface Memory {
  readonly dtype: DType;
  readonly length: number;
  get(index: number): number;
  set(index: number, value: number): void;
  /** Scatter: float sums are kept in float64 until `finish` rounds them once, as those of a reduction are. */
  add(index: number, value: number): void;
  finish(): void;
}

export function memory(dtype: DType, buffer: ArrayBuffer): Memory {
  const cells = view(dtype, buffer);
  const round = rounding(dtype);
  const get = (index: number) => {
    const cell = cells[index];
    return dtype === 'float16' ? halfFromBits(cell) : dtype === 'bool' ? Number(cell !== 0) : cell;
  };
  const set = (index: number, value: number) => {
    cells[index] = dtype === 'float16' ? halfToBits(value) : value;
  };
  const sums = new Map<number, number>();
  return {
    dtype,
    length: cells.length,
    get,
    set,
    add: (index, value) => {
      if (isFloat(dtype)) sums.set(index, (sums.get(index) ?? get(index)) + value);
      else set(index, round(get(index) + value));
    },
    finish: () => {
      for (const [index, sum] of sums) set(index, round(sum));
    },
  };
}

function view(dtype: DType, buffer: ArrayBuffer) {
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
    case 'float32':
      return new Float32Array(buffer);
    case 'float16':
      return new Uint16Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    default:
      return new Int32Array(buffer);
  }
}
