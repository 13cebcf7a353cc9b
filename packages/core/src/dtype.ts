import { KindlingError } from './errors.js';

/** The element types. float32 is the default; float64 lives on the CPU, float16 where a device has it. */
export type DType = 'float32' | 'float64' | 'float16' | 'int32' | 'uint32' | 'bool';

/** Host arrays. bool is a Uint8Array of 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16';
}

/** A zeroed host array for `length` elements; float16 is held as float32 on the host. */
export function hostArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float64':
      return new Float64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'uint32':
      return new Uint32Array(length);
    case 'bool':
      return new Uint8Array(length);
    case 'float32':
    case 'float16':
      return new Float32Array(length);
    default:
      throw new KindlingError(
        `there is no dtype ${String(dtype)}; it must be float32, float64, float16, int32, uint32 or bool`,
      );
  }
}

/** Bytes of one element on a device: bool takes 4. */
export function deviceBytes(dtype: DType): number {
  return dtype === 'float64' ? 8 : dtype === 'float16' ? 2 : 4;
}
