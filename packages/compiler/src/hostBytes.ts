import { type DType, hostArray, type TypedArray } from '@kindling/core';

/** The bytes a device keeps: bool takes 4. */
export function toDevice(data: TypedArray, dtype: DType): Uint8Array {
  const wide = dtype === 'bool' ? Int32Array.from(data) : data;
  return new Uint8Array(wide.buffer, wide.byteOffset, wide.byteLength);
}

/** The array that bytes of a device are. */
export function toHost(bytes: Uint8Array, dtype: DType, size: number): TypedArray {
  const out = dtype === 'bool' ? new Int32Array(size) : hostArray(dtype, size);
  new Uint8Array(out.buffer).set(bytes);
  return dtype === 'bool' ? Uint8Array.from(out) : out;
}
