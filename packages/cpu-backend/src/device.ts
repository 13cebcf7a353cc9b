import type { Device, Launch, Recording } from '@kindling/compiler';
import { KernelCompiler, type CpuKernel } from './compileKernel.js';
import { Memory, type CpuBuffer } from './memory.js';

export interface CpuDeviceOptions {
  /** Use relaxed SIMD; the engine must have it. */
  readonly relaxedSimd: boolean;
}

/** Kernels as WebAssembly SIMD, in one growable memory. */
export function cpuDevice({ relaxedSimd }: CpuDeviceOptions): Device<CpuBuffer, CpuKernel> {
  const memory = new Memory();
  const compiler = new KernelCompiler(memory.memory, relaxedSimd);
  let scratch = memory.allocate(0);
  let argumentsOfRun = memory.allocate(4096);

  /** A buffer at least as large; the content is lost. */
  const atLeast = (buffer: CpuBuffer, bytes: number): CpuBuffer => {
    if (buffer.bytes >= bytes) return buffer;
    memory.free(buffer);
    return memory.allocate(bytes);
  };

  const segmentsOf = ({ kernel }: CpuKernel, buffers: number, scalars: number): number => {
    const perSegment = kernel.scalars.length + (kernel.segmented ? 1 : 0);
    const segments = kernel.segmented ? buffers / kernel.buffers.length : 1;
    if (buffers !== segments * kernel.buffers.length || scalars !== segments * perSegment || segments % 1 !== 0)
      throw new RangeError(
        `cpu run: ${buffers} buffers and ${scalars} scalars for a kernel with ${kernel.buffers.length} and ${perSegment}`,
      );
    return segments;
  };

  const writePointers = (
    { kernel, layout }: CpuKernel,
    at: number,
    buffers: readonly CpuBuffer[],
    segments: number,
  ) => {
    const each = kernel.buffers.length;
    for (let segment = 0, b = 0; segment < segments; segment++) {
      const word = (at + segment * layout.bytes) / 4;
      for (let i = 0; i < each; i++, b++) {
        const { pointer, bytes } = buffers[b];
        if (pointer < 0) throw new Error(`cpu run: buffer ${b}, of ${bytes} bytes, has been freed`);
        memory.int32[word + i] = pointer;
      }
    }
  };

  const writeScalars = (
    executable: CpuKernel,
    at: number,
    segments: number,
    scalars: Float64Array,
    from: number,
    each: number,
  ) => {
    const { scalars: offset, bytes } = executable.layout;
    for (let segment = 0; segment < segments; segment++) {
      const word = (at + segment * bytes + offset) / 8;
      for (let i = 0; i < each; i++) memory.float64[word + i] = scalars[from++]!;
    }
  };

  const extentOf = ({ kernel, extent }: CpuKernel, segments: number) => (kernel.segmented ? segments : extent);

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
      scratch = atLeast(scratch, executable.scratch);
      return executable;
    },
    run: (executable, buffers, scalars) => {
      const segments = segmentsOf(executable, buffers.length, scalars.length);
      argumentsOfRun = atLeast(argumentsOfRun, segments * executable.layout.bytes);
      const at = argumentsOfRun.pointer;
      writePointers(executable, at, buffers, segments);
      writeScalars(executable, at, segments, scalars, 0, scalars.length / segments);
      executable.run(at, 0, extentOf(executable, segments), scratch.pointer);
    },
    record: (launches: readonly Launch<CpuBuffer, CpuKernel>[]): Recording => {
      const steps = launches.map(({ executable, buffers, scalars: { from, count } }) => {
        const segments = segmentsOf(executable, buffers.length, count);
        const block = memory.allocate(segments * executable.layout.bytes);
        writePointers(executable, block.pointer, buffers, segments);
        const { run } = executable;
        return { run, executable, block, at: block.pointer, to: extentOf(executable, segments), segments, from, count };
      });
      return {
        run: (scalars) => {
          for (const { run, executable, at, to, segments, from, count } of steps) {
            if (count > 0) writeScalars(executable, at, segments, scalars, from, count / segments);
            run(at, 0, to, scratch.pointer);
          }
        },
        free: () => {
          for (const { block } of steps) memory.free(block);
        },
      };
    },
    source: (executable) => executable.listing,
    finished: async () => {},
    close: async () => {},
  };
}
