import type { Device } from '@kindling/compiler';
import { ModuleBuilder } from './assembler.js';
import { chooseThreads } from './chooseThreads.js';
import { clearUpperHalves } from './clearUpperHalves.js';
import { KernelCompiler, type CpuKernel } from './compileKernel.js';
import type { Sharing } from './cutProgram.js';
import { OWN_MATH } from './hostMath.js';
import { Memory, MOST_BYTES, type CpuBuffer } from './memory.js';
import { record } from './recording.js';
import type { Team } from './team.js';

export interface CpuDeviceOptions {
  /** Use relaxed SIMD; the engine must have it. */
  readonly relaxedSimd: boolean;
  /** Write code that an engine with that option makes 256-bit operations of. */
  readonly revectorize?: boolean;
  /** Cuts every block in so many parts, for tests; otherwise shapes decide. */
  readonly split?: number;
  /** Bytes of memory at most; default 4 GiB, as many as WebAssembly's 32-bit addresses reach. */
  readonly mostBytes?: number;
}

export interface ThreadOptions {
  /**
   * How many threads run kernels at most, this one counted. 0 is as many as the machine has, at most 16. Where threads
   * cannot share memory there is one; others are started when there is work.
   */
  readonly threads: number;
  /** From how much work on it is shared among threads. */
  readonly sharing?: Sharing;
}

export interface CpuDevice extends Device<CpuBuffer, CpuKernel> {
  readSync(buffer: CpuBuffer, offset: number, length: number): Uint8Array;
  /** How many threads there may be and are, this one counted, and how many nanoseconds' work others did, estimated. */
  threads(): { readonly most: number; readonly present: number; readonly helped: number };
}

/** Kernels as WebAssembly SIMD, in one growable memory, on one thread. */
export function cpuDevice(options: CpuDeviceOptions): CpuDevice {
  return deviceOf(options, new Memory(false, options.mostBytes));
}

/** As `cpuDevice`, on several threads. What they need is loaded where there can be any. */
export async function threadedCpuDevice({
  threads,
  sharing,
  ...options
}: CpuDeviceOptions & ThreadOptions): Promise<CpuDevice> {
  const most = chooseThreads(threads);
  const memory = new Memory(most > 1, options.mostBytes);
  // a page whose server has not that file goes on alone
  const module = memory.shared ? await import('./team.js').catch(() => undefined) : undefined;
  if (!module) return deviceOf(options, memory);
  const lent = {
    makeModule: (using: ConstructorParameters<typeof ModuleBuilder>[1]) => new ModuleBuilder([], using),
    functions: OWN_MATH,
  };
  return deviceOf(options, memory, new module.Team(memory, most, lent, sharing));
}

function deviceOf(
  { relaxedSimd, revectorize = false, split, mostBytes = MOST_BYTES }: CpuDeviceOptions,
  memory: Memory,
  team?: Team,
): CpuDevice {
  const most = team?.most ?? 1;
  const compiler = new KernelCompiler(memory, { fusedMultiplyAdd: relaxedSimd, pairsVectors: revectorize }, split);
  let scratch = memory.allocate(0);

  return {
    name: 'cpu',
    detail: most === 1 ? '1 thread' : `${most} threads`,
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    limits: { maxBufferBytes: mostBytes - 2 ** 20, maxBindings: 64, vectorWidth: 4 },
    allocate: (bytes) => memory.allocate(bytes),
    free: (buffer) => memory.free(buffer),
    write: (buffer, offset, bytes) => memory.range('write', buffer, offset, bytes.length).set(bytes),
    read: async (buffer, offset, length) => memory.range('read', buffer, offset, length).slice(),
    readSync: (buffer, offset, length) => memory.range('read', buffer, offset, length).slice(),
    compile: (kernel) => {
      const executable = compiler.compile(kernel);
      if (scratch.bytes < executable.scratch) {
        const larger = memory.allocate(executable.scratch);
        memory.free(scratch);
        scratch = larger;
      }
      return executable;
    },
    run(executable, buffers, scalars) {
      const recording = this.record!([{ executable, buffers, scalars: { from: 0, count: scalars.length } }]);
      try {
        recording.run(scalars);
      } finally {
        recording.free!();
      }
    },
    record: (launches) => {
      const shared = team?.share();
      const recording = record(memory, launches, (calls, changed) => {
        if (!shared?.run(calls, changed, scratch.pointer))
          for (const { executable, at, extent } of calls) executable.run(at, 0, extent, scratch.pointer);
        if (revectorize) clearUpperHalves();
      });
      return {
        ...recording,
        free: () => {
          shared?.free();
          recording.free?.();
        },
      };
    },
    source: async (executable) => (await import('./listing.js')).listing(executable.emitted()),
    threads: () => ({ most, present: 1 + (team?.present ?? 0), helped: team?.helped ?? 0 }),
    finished: async () => {},
    close: async () => team?.close(),
  };
}
