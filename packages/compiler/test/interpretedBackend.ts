import type { Backend } from '@kindling/core';
import { interpretKernel, kernelBackend, type Kernel } from '@kindling/compiler';

/** The compiler over the interpreter of the kernel IR: no code generator in between. Counts what it compiles and runs. */
export function interpretedBackend({ readsLater = false, maxBindings = 64 } = {}): Backend & {
  readonly counts: { compiled: number; launched: number; lent: number };
} {
  const counts = { compiled: 0, launched: 0, lent: 0 };
  const backend = kernelBackend<ArrayBuffer, ReturnType<typeof interpretKernel>>({
    name: 'interpreted',
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    limits: { maxBufferBytes: 2 ** 31, maxBindings, vectorWidth: 1 },
    allocate: (bytes) => {
      counts.lent += 1;
      return new ArrayBuffer(bytes);
    },
    free: () => {
      counts.lent -= 1;
    },
    write: (buffer, offset, bytes) => {
      new Uint8Array(buffer, offset).set(bytes);
    },
    read: (buffer, offset, length) => Promise.resolve(new Uint8Array(buffer.slice(offset, offset + length))),
    ...(readsLater
      ? {}
      : {
          readSync: (buffer: ArrayBuffer, offset: number, length: number) =>
            new Uint8Array(buffer.slice(offset, offset + length)),
        }),
    compile: (kernel: Kernel) => {
      counts.compiled += 1;
      if (kernel.buffers.length > maxBindings) throw new Error(`a kernel has ${kernel.buffers.length} buffers`);
      return interpretKernel(kernel);
    },
    run: (kernel, buffers, scalars) => {
      counts.launched += 1;
      kernel(buffers, scalars);
    },
    finished: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  return Object.assign(backend, { counts });
}
