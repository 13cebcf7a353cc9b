import type { Device } from '@kindling/compiler';
import { KernelCompiler, type CpuKernel } from './compileKernel.js';
import { Memory, MOST_BYTES, type CpuBuffer } from './memory.js';
import { type Cut, cutProgram, SHARING, type Sharing } from './cutProgram.js';
import { Pool, type Program } from './pool.js';
import { chooseThreads } from './threads.js';
import { record } from './recording.js';
import { clearUpperHalves } from './revectorize.js';

export interface CpuDeviceOptions {
  /** Use relaxed SIMD; the engine must have it. */
  readonly relaxedSimd: boolean;
  /** Write code that an engine with that option makes 256-bit operations of. */
  readonly revectorize?: boolean;
  /**
   * How many threads run kernels at most, this one counted; default 1. 0 is as many as the machine has, at most 16. Where
   * threads cannot share memory there is one; others are started when there is work.
   */
  readonly threads?: number;
  /** From how much work on it is shared among threads. */
  readonly sharing?: Sharing;
  /** Cuts every block in so many parts, for tests; otherwise shapes decide. */
  readonly split?: number;
  /** Bytes of memory at most; default 4 GiB, as many as WebAssembly's 32-bit addresses reach. */
  readonly mostBytes?: number;
}

export interface CpuDevice extends Device<CpuBuffer, CpuKernel> {
  /** How many threads there may be and are, this one counted, and how many nanoseconds' work others did, estimated. */
  threads(): { readonly most: number; readonly present: number; readonly helped: number };
}

/** Kernels as WebAssembly SIMD, in one growable memory. */
export function cpuDevice({
  relaxedSimd,
  revectorize = false,
  threads = 1,
  sharing = SHARING,
  split,
  mostBytes = MOST_BYTES,
}: CpuDeviceOptions): CpuDevice {
  const most = chooseThreads(threads);
  const memory = new Memory(most > 1, mostBytes);
  const compiler = new KernelCompiler(memory, { fusedMultiplyAdd: relaxedSimd, pairsVectors: revectorize }, split);
  let mayShare = memory.shared;
  // made for the first program that is worth it: most of what is short never needs one
  let pool: Pool | undefined;
  const roomyPool = () => {
    if (pool?.isFull) {
      void pool.close();
      pool = undefined;
    }
    return (pool ??= new Pool(memory, most, sharing));
  };
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
    record: (launches) => {
      let cut: Cut | undefined;
      let shared: Program | undefined;
      let sharedBy: Pool | undefined;
      const forget = () => {
        if (shared) memory.free(shared.block);
        shared = undefined;
      };
      const recording = record(memory, launches, (calls, changed) => {
        if (changed) {
          forget();
          cut = mayShare ? cutProgram(calls, most, sharing) : undefined;
        }
        if (cut && (!shared || sharedBy !== pool)) {
          forget();
          sharedBy = roomyPool();
          shared = sharedBy.program(cut);
        }
        if (!shared || !pool!.run(shared, scratch.pointer))
          for (const { executable, at, extent } of calls) executable.run(at, 0, extent, scratch.pointer);
        if (revectorize) clearUpperHalves();
      });
      return {
        ...recording,
        free: () => {
          forget();
          recording.free?.();
        },
      };
    },
    source: (executable) => executable.listing,
    threads: () => ({
      most: memory.shared ? most : 1,
      present: 1 + (pool?.present ?? 0),
      helped: pool?.helped ?? 0,
    }),
    finished: async () => {},
    close: async () => {
      mayShare = false;
      await pool?.close();
    },
  };
}
