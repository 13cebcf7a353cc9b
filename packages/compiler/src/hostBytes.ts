import { type DType, hostArray, type TypedArray } from '@kindling/core';
import type { Float16Bits } from './reference/float16.js';

/** The bytes a device keeps: bool takes 4, float16 2. */
export function toDevice(data: TypedArray, dtype: DType, float16?: Float16Bits): Uint8Array {
  if (dtype === 'float16') return new Uint8Array(Uint16Array.from(data, float16!.toBits).buffer);
  const wide = dtype === 'bool' ? Int32Array.from(data) : data;
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength);
}

/** The array that bytes of a device are. */
export function toHost(bytes: Uint8Array, dtype: DType, size: number, float16?: Float16Bits): TypedArray {
  if (dtype === 'float16')
    return Float32Array.from(new Uint16Array(bytes.slice(0, 2 * size).buffer), float16!.fromBits);
  const out = dtype === 'bool' ? new Int32Array(size) : hostArray(dtype, size);
  new Uint8Array(out.buffer).set(bytes);
  return dtype === 'bool' ? Uint8Array.from(out) : out;
}
