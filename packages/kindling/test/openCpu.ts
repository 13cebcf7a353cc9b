import { type Device, type Kernel, kernelBackend, type Recording } from '@kindling/compiler';
import { cpuDevice } from '@kindling/cpu-backend';
import type { Backend } from '@kindling/core';

/** What a device was asked for. */
export interface Counts {
  /** Buffers and bytes that were allocated and not freed. */
  buffers: number;
  bytes: number;
  compiled: number;
  recorded: number;
  /** Launches and replays of recorded launches. */
  ran: number;
}

/** The CPU backend, observed: what its device is asked for, and how large its WebAssembly memory is. */
export function openCpu(): { readonly backend: Backend; readonly counts: Counts; readonly wasmBytes: () => number } {
  const memories: WebAssembly.Memory[] = [];
  const Original = WebAssembly.Memory;
  WebAssembly.Memory = class extends Original {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories.push(this);
    }
  };
  let device: ReturnType<typeof cpuDevice>;
  try {
    device = cpuDevice({ relaxedSimd: false });
  } finally {
    WebAssembly.Memory = Original;
  }
  const counts: Counts = { buffers: 0, bytes: 0, compiled: 0, recorded: 0, ran: 0 };
  const observed: typeof device = {
    ...device,
    allocate: (bytes) => {
      counts.buffers += 1;
      counts.bytes += bytes;
      return device.allocate(bytes);
    },
    free: (buffer) => {
      counts.buffers -= 1;
      counts.bytes -= buffer.bytes;
      device.free(buffer);
    },
    compile: (kernel: Kernel) => {
      counts.compiled += 1;
      return device.compile(kernel);
    },
    run: (...launch: Parameters<Device['run']>) => {
      counts.ran += 1;
      (device as Device).run(...launch);
    },
    ...(device.record === undefined
      ? {}
      : {
          record: (...launches: Parameters<NonNullable<typeof device.record>>): Recording => {
            const recording = device.record!(...launches);
            counts.recorded += 1;
            return {
              ...recording,
              run: (scalars) => {
                counts.ran += 1;
                recording.run(scalars);
              },
            };
          },
        }),
  };
  return {
    backend: kernelBackend(observed),
    counts,
    wasmBytes: () => memories.reduce((sum, m) => sum + m.buffer.byteLength, 0),
  };
}
