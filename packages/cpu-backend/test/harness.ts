import { interpretKernel, type Kernel } from '@kindling/compiler';
import type { DType } from '@kindling/core';
import { cpuDevice } from '../src/device.js';

export {
  affine,
  apply,
  elementwise,
  literal,
  load,
  read,
  readwrite,
  set,
  write,
} from '../../compiler/test/kernelParts.js';

export const device = cpuDevice({ relaxedSimd: false });

export type Cells = Float32Array | Float64Array | Int32Array | Uint32Array;

/** Values as a device holds them: bool takes 4 bytes. */
export function cells(dtype: DType, values: ArrayLike<number>): Cells {
  const type = { float32: Float32Array, float64: Float64Array, uint32: Uint32Array }[dtype as string] ?? Int32Array;
  return type.from(values);
}

/** Runs a kernel on copies of the buffers and returns their content afterwards. */
export function runOnCpu(
  kernel: Kernel,
  given: readonly Cells[],
  scalars: readonly number[] = [],
  on = device,
): Cells[] {
  const buffers = given.map((array) => {
    const buffer = on.allocate(array.byteLength);
    on.write(buffer, 0, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return buffer;
  });
  on.run(on.compile(kernel), buffers, Float64Array.from(scalars));
  return given.map((array, i) => {
    const bytes = on.readSync(buffers[i], 0, array.byteLength);
    on.free(buffers[i]);
    return new (array.constructor as new (buffer: ArrayBufferLike) => Cells)(bytes.buffer);
  });
}

/** The same by the interpreter. */
export function runByInterpreter(kernel: Kernel, given: readonly Cells[], scalars: readonly number[] = []): Cells[] {
  const copies = given.map((array) => array.slice());
  interpretKernel(kernel)(
    copies.map((array) => array.buffer),
    Float64Array.from(scalars),
  );
  return copies;
}

/** How many floats lie between two float32 values; 0 also for equal zeros and NaNs. */
export function ulps(a: number, b: number): number {
  if (a === b || (a !== a && b !== b)) return 0;
  if (a !== a || b !== b) return Infinity;
  const order = (x: number) => {
    const bits = new Int32Array(Float32Array.of(x).buffer)[0];
    return bits < 0 ? -(bits & 0x7fffffff) : bits;
  };
  return Math.abs(order(a) - order(b));
}
