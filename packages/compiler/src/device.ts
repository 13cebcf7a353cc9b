import type { DType } from '@kindling/core';
import type { Kernel } from './ir.js';

/**
 * What most backend authors write: memory, and a way to compile and run one kernel. `kernelBackend` lifts it to a
 * backend. `B` is the device's buffer, `X` its compiled kernel.
 */
export interface Device<B = unknown, X = unknown> {
  readonly name: string;
  /** Optional: what tells it from others of its name, for messages: '2 threads'. */
  readonly detail?: string;
  readonly dtypes: readonly DType[];
  readonly limits: {
    /** The largest buffer in bytes. */
    readonly maxBufferBytes: number;
    /** Buffers one kernel may use. */
    readonly maxBindings: number;
    /** float32 lanes, a hint for scheduling. */
    readonly vectorWidth: number;
  };
  /** Memory with undefined content. `bytes` is a multiple of 4 and may be 0. */
  allocate(bytes: number): B;
  free(buffer: B): void;
  write(buffer: B, offset: number, bytes: Uint8Array): void;
  read(buffer: B, offset: number, length: number): Promise<Uint8Array>;
  /** Where the device can: a copy of the bytes at once, after all that was run before. */
  readSync?(buffer: B, offset: number, length: number): Uint8Array;
  /** Equal kernels are compiled once: the caller caches. */
  compile(kernel: Kernel): X;
  /** Starts one launch; launches take effect in order. See `Kernel` for what segmented kernels are given. */
  run(executable: X, buffers: readonly B[], scalars: Float64Array): void;
  /**
   * Optional: fixes a list of launches once so that running them again costs less. `scalars` are given at each run,
   * launch by launch in order.
   */
  record?(launches: readonly Launch<B, X>[]): Recording<B>;
  /**
   * Optional: runs launches as `run` does, and resolves to the milliseconds that each took on the device, undefined where
   * it cannot tell. For profiles; devices with `readSync` need none, since their `run` returns when it is done.
   */
  time?(launches: readonly Launch<B, X>[], scalars: Float64Array): Promise<readonly (number | undefined)[]>;
  /** Optional: the source or listing of a compiled kernel, for `explain()`. */
  source?(executable: X): string | Promise<string>;
  /** Resolves when everything started has been done. */
  finished(): Promise<void>;
  close(): Promise<void>;
}

/** One run of a compiled kernel. */
export interface Launch<B, X> {
  readonly executable: X;
  readonly buffers: readonly B[];
  /** Where its numbers begin in the scalars of the recording, and how many there are. */
  readonly scalars: { readonly from: number; readonly count: number };
}

export interface Recording<B = unknown> {
  run(scalars: Float64Array): void;
  /**
   * Optional: from now on another buffer is used, one of at least as many bytes. `index` counts the buffers of all launches
   * in order. Without it the caller records anew: a step that is fed with one batch after another has others each time.
   */
  replace?(index: number, buffer: B): void;
  /** Releases what the recording holds, not the buffers. */
  free?(): void;
}
