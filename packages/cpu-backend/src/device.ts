import type { Device } from '@kindling/compiler';
import { KernelCompiler, type CpuKernel } from './compileKernel.js';
import { Memory, type CpuBuffer } from './memory.js';
import { record } from './recording.js';

export interface CpuDeviceOptions {
  /** Use relaxed SIMD; the engine must have it. */
  readonly relaxedSimd: boolean;
}

/** Kernels as WebAssembly SIMD, in one growable memory. */
export function cpuDevice({ relaxedSimd }: CpuDeviceOptions): Device<CpuBuffer, CpuKernel> {
  const memory = new Memory();
  const compiler = new KernelCompiler(memory.memory, relaxedSimd);
  let scratch = memory.allocate(0);

  return {
    name: 'cpu',
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    limits: { maxBufferBytes: 2 ** 32 - 2 ** 20, maxBindings: 64, vectorWidth: 4 },
    allocate: (bytes) => memory.allocate(bytes),
    free: (buffer) => memory.free(buffer),
    write: (buffer, offset, bytes) => memory.range('write', buffer, offset, bytes.length).set(bytes),
    read: async (buffer, offset, length) => memory.range('read', buffer, offset, length).slice(),
    readSync: (buffer, offset, length) => memory.range('read', buffer, offset, length).slice(),
    compile: (kernel) => {
      const executable = compiler.compile(kernel);
      if (scratch.bytes < executable.scratch) {
        memory.free(scratch);
        scratch = memory.allocate(executable.scratch);
      }
      return executable;
    },
    run(executable, buffers, scalars) {
      const recording = this.record!([{ executable, buffers, scalars: { from: 0, count: scalars.length } }]);
      recording.run(scalars);
      recording.free!();
    },
    record: (launches) =>
      record(memory, launches, (calls) => {
        for (const { executable, at, extent } of calls) executable.run(at, 0, extent, scratch.pointer);
      }),
    source: (executable) => executable.listing,
    finished: async () => {},
    close: async () => {},
  };
}
