import { KindlingError, type DType, type TypedArray } from '@kindling/core';
import { fromBrain, fromHalf } from './half.js';

/** Plain numbers with a shape: what a file holds, without a Tensor. */
export interface RawArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Element types as files store them, little-endian. */
export type Stored =
  'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U64' | 'U32' | 'U16' | 'U8' | 'BOOL';

export const STORED_BYTES: Readonly<Record<Stored, number>> = {
  F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U64: 8, U32: 4, U16: 2, U8: 1, BOOL: 1,
}; // prettier-ignore

/**
 * The stored elements as a typed array of the library: floats of two bytes become float32, integers without a dtype of
 * their own become int32 (uint32 for U64) where every value fits. Copies, so that the file's bytes can go and need not
 * be aligned.
 */
export function fromStored(stored: Stored, bytes: Uint8Array, name: string): { dtype: DType; data: TypedArray } {
  const buffer = new Uint8Array(bytes).buffer; // slice() of a Node Buffer would share its memory
  switch (stored) {
    case 'F32':
      return { dtype: 'float32', data: new Float32Array(buffer) };
    case 'F64':
      return { dtype: 'float64', data: new Float64Array(buffer) };
    case 'F16':
      return { dtype: 'float32', data: fromHalf(new Uint16Array(buffer)) };
    case 'BF16':
      return { dtype: 'float32', data: fromBrain(new Uint16Array(buffer)) };
    case 'I32':
      return { dtype: 'int32', data: new Int32Array(buffer) };
    case 'U32':
      return { dtype: 'uint32', data: new Uint32Array(buffer) };
    case 'I8':
      return { dtype: 'int32', data: Int32Array.from(new Int8Array(buffer)) };
    case 'U8':
      return { dtype: 'int32', data: Int32Array.from(new Uint8Array(buffer)) };
    case 'I16':
      return { dtype: 'int32', data: Int32Array.from(new Int16Array(buffer)) };
    case 'U16':
      return { dtype: 'int32', data: Int32Array.from(new Uint16Array(buffer)) };
    case 'I64':
      return { dtype: 'int32', data: narrow(new BigInt64Array(buffer), new Int32Array(buffer.byteLength / 8), name) };
    case 'U64':
      return {
        dtype: 'uint32',
        data: narrow(new BigUint64Array(buffer), new Uint32Array(buffer.byteLength / 8), name),
      };
    case 'BOOL': {
      const data = new Uint8Array(buffer);
      const wrong = data.findIndex((byte) => byte > 1);
      if (wrong !== -1)
        throw new KindlingError(`${name}: element ${wrong} of a BOOL tensor is ${data[wrong]}; it must be 0 or 1.`);
      return { dtype: 'bool', data };
    }
  }
}

function narrow<T extends Int32Array | Uint32Array>(wide: BigInt64Array | BigUint64Array, data: T, name: string): T {
  for (let i = 0; i < data.length; i++) {
    data[i] = Number(wide[i]);
    if (BigInt(data[i]) !== wide[i])
      throw new KindlingError(
        `${name}: element ${i} is ${wide[i]}, which does not fit ${data instanceof Int32Array ? 'int32' : 'uint32'}; 64-bit integers are read only where they do.`,
      );
  }
  return data;
}

/** A shape's number of elements, or undefined if it is not one that memory could hold. */
export function elementsOf(shape: readonly unknown[]): number | undefined {
  if (shape.length > 32) return undefined;
  let elements = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined;
    elements *= size as number;
    if (elements > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return elements;
}

/** Throws if an array to be written does not fill its shape. */
export function requireFilled(operation: string, name: string, { shape, data }: RawArray): void {
  if (elementsOf(shape) !== data.length)
    throw new KindlingError(
      `${operation}: '${name}' has ${data.length} elements, which do not fill its shape [${shape.join(', ')}].`,
    );
}

/** The bytes of a typed array, without a copy. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
