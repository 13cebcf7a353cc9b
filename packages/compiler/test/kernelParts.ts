import type { DType, TypedArray } from '@kindling/core';
import type { Affine, BufferUse, Inst, Kernel, ScalarOp, Store } from '../src/ir.js';

export const affine = (base: number, ...stride: number[]): Affine => ({ base, stride });

export const read = (dtype: DType = 'float32'): BufferUse => ({ dtype, use: 'read' });
export const write = (dtype: DType = 'float32'): BufferUse => ({ dtype, use: 'write' });
export const readwrite = (dtype: DType = 'float32'): BufferUse => ({ dtype, use: 'readwrite' });

export const load = (buffer: number, index: Affine, dtype: DType = 'float32'): Inst => ({
  op: 'load',
  at: { buffer, index },
  dtype,
});

export const apply = (op: ScalarOp | 'cast' | 'bitcast', dtype: DType, ...operands: number[]): Inst => ({
  op,
  in: operands,
  dtype,
});

export const literal = (arg: number, dtype: DType = 'float32'): Inst => ({ op: 'const', arg, dtype });

export const set = (buffer: number, index: Affine, value: number): Store => ({
  at: { buffer, index },
  value,
  mode: 'set',
});

export const add = (buffer: number, index: Affine, value: number): Store => ({
  at: { buffer, index },
  value,
  mode: 'add',
});

/** A kernel of one block with all axes outer: element-wise. */
export function elementwise(
  axes: number[],
  buffers: BufferUse[],
  code: Inst[],
  stores: Store[],
  scalars: DType[] = [],
): Kernel {
  const block = { inner: [], code, reduces: [], stores };
  return {
    axes,
    buffers,
    scalars,
    body: { kind: 'loops', outer: [...axes.keys()], blocks: [block] },
    segmented: false,
  };
}

/** Values in device format: bool takes 4 bytes. */
export function pack(dtype: DType, values: readonly number[]): ArrayBuffer {
  return (deviceArray(dtype).from(values) as TypedArray).buffer as ArrayBuffer;
}

export function unpack(dtype: DType, buffer: ArrayBuffer): number[] {
  return [...new (deviceArray(dtype))(buffer)];
}

function deviceArray(dtype: DType) {
  switch (dtype) {
    case 'float64':
      return Float64Array;
    case 'float32':
      return Float32Array;
    case 'float16':
      return Uint16Array;
    case 'uint32':
      return Uint32Array;
    default:
      return Int32Array;
  }
}
