import { Allocator } from './allocator.js';

/** A range of the WebAssembly memory. */
export interface CpuBuffer {
  pointer: number;
  readonly bytes: number;
}

const PAGE = 65536;
/** What addresses of 32 bits reach. */
export const MOST_BYTES = 2 ** 32;
/** Growing copies nothing but costs a system call: grow by at least 16 MiB. */
const GROWTH = 256;

/** The one growable memory of a device. Its views are replaced when it grows; users get copies, never a view. */
export class Memory {
  readonly memory: WebAssembly.Memory;
  /** Whether several threads can use it. */
  readonly shared: boolean;
  bytes: Uint8Array;
  int32: Int32Array;
  float64: Float64Array;
  // the first bytes stay free, so that no buffer has address 0
  private readonly allocator = new Allocator(1024, (end, bytes) => this.grow(end, bytes));
  private readonly mostPages: number;

  /** Shared only if it can be: the engine must have so many addresses left, since a shared memory never moves. */
  constructor(shared = false, mostBytes = MOST_BYTES) {
    this.mostPages = Math.floor(mostBytes / PAGE);
    const pages = { initial: 1, maximum: MOST_BYTES / PAGE };
    let memory: WebAssembly.Memory | undefined;
    try {
      if (shared) memory = new WebAssembly.Memory({ ...pages, shared });
    } catch {
      // one thread, then
    }
    this.shared = memory !== undefined;
    const { buffer } = (this.memory = memory ?? new WebAssembly.Memory(pages));
    this.bytes = new Uint8Array(buffer);
    this.int32 = new Int32Array(buffer);
    this.float64 = new Float64Array(buffer);
  }

  allocate(bytes: number): CpuBuffer {
    return { pointer: this.allocator.allocate(bytes), bytes };
  }

  free(buffer: CpuBuffer): void {
    if (buffer.pointer < 0) throw new Error(`cpu free: this buffer of ${buffer.bytes} bytes has been freed before`);
    this.allocator.release(buffer.pointer, buffer.bytes);
    buffer.pointer = -1;
  }

  /** The part of a buffer, checked. */
  range(operation: string, { pointer, bytes }: CpuBuffer, offset: number, length: number): Uint8Array {
    if (pointer < 0) throw new Error(`cpu ${operation}: the buffer of ${bytes} bytes has been freed`);
    if (offset < 0 || offset + length > bytes)
      throw new RangeError(`cpu ${operation}: bytes ${offset} to ${offset + length} of a buffer of ${bytes} bytes`);
    return this.bytes.subarray(pointer + offset, pointer + offset + length);
  }

  private grow(end: number, wanted: number): number {
    const have = this.memory.buffer.byteLength;
    if (end <= have) return have;
    const needed = Math.ceil((end - have) / PAGE);
    const room = this.mostPages - have / PAGE;
    const fail = (why: string): never => {
      throw new RangeError(
        `cpu allocate: there is no room for ${showBytes(wanted)}: ${showBytes(this.allocator.used)} are in use, and ${why}. ` +
          `Use smaller batches, release tensors with dispose(), or keep fewer activations with checkpoint()`,
      );
    };
    if (needed > room) fail(`a WebAssembly memory has at most ${showBytes(this.mostPages * PAGE)}`);
    const pages = Math.min(room, Math.max(needed, GROWTH, Math.floor(have / PAGE / 4)));
    try {
      this.memory.grow(pages);
    } catch {
      try {
        this.memory.grow(needed);
      } catch {
        fail(`the system gives no more than ${showBytes(have)}`);
      }
    }
    const { buffer } = this.memory;
    this.bytes = new Uint8Array(buffer);
    this.int32 = new Int32Array(buffer);
    this.float64 = new Float64Array(buffer);
    return buffer.byteLength;
  }
}

function showBytes(bytes: number): string {
  const [unit, name] = bytes >= 2 ** 30 ? [2 ** 30, 'GiB'] : bytes >= 2 ** 20 ? [2 ** 20, 'MiB'] : [1, 'bytes'];
  return `${unit === 1 ? bytes : (bytes / unit).toFixed(2)} ${name}`;
}
