import { type Backend, deviceBytes, type DType, type Memory, sizeOf, type TypedArray } from '@kindling/core';
import type { Device } from './device.js';
import { toDevice, toHost } from './hostBytes.js';
import type { Float16Bits } from './reference/float16.js';

/** Results that stay on a device unread: as many, and as many bytes. */
const MOST_RESULTS = 16;
const MOST_BYTES = 2 ** 26;

interface LateBackend<B> extends Backend {
  readonly device: Device<B>;
  /** Memory that programs share. */
  readonly workspace: { version: number; readonly blocks: ({ readonly buffer: B } | undefined)[] };
  checkLater(): Promise<void>;
}

/**
 * The results that are on a device, oldest first. Nobody says which will be read: the older half goes to the host when
 * there are too many, together, because a device that is asked for several things at once copies them at once.
 */
export class LateResults<B> {
  readonly #waiting = new Set<LateResult<B>>();
  #bytes = 0;
  /** How a read failed last: results from before may never have been computed. */
  failure: unknown;

  /** Reads. A device that fails may have had no room for the workspace, and told of it only now. */
  async read({ device, workspace }: LateBackend<B>, buffer: B, bytes: number): Promise<Uint8Array> {
    try {
      return await device.read(buffer, 0, bytes);
    } catch (error) {
      for (const block of workspace.blocks) if (block !== undefined) device.free(block.buffer);
      workspace.blocks.length = 0;
      workspace.version += 1;
      this.failure = error;
      throw error;
    }
  }

  /** Memory for a result. */
  result(
    backend: LateResult<B>['backend'],
    device: Device<B>,
    shape: readonly number[],
    dtype: DType,
    float16: Float16Bits | undefined,
  ): LateResult<B> {
    return new LateResult(backend, device, this, shape, dtype, float16);
  }

  add(result: LateResult<B>): void {
    this.#waiting.add(result);
    this.#bytes += result.bytes;
    if (this.#waiting.size <= MOST_RESULTS && this.#bytes <= MOST_BYTES) return;
    for (const oldest of this.#waiting) {
      if (oldest === result || (this.#waiting.size <= MOST_RESULTS / 2 && this.#bytes <= MOST_BYTES / 2)) return;
      this.delete(oldest);
      oldest.moveToHost();
    }
  }
  delete(result: LateResult<B>): void {
    if (this.#waiting.delete(result)) this.#bytes -= result.bytes;
  }
}

/**
 * A result for the host, on a device that cannot read at once. It is on the device until it is read or has waited for
 * long, and then an array, so that results nobody reads never depend on the garbage collector to free the device.
 */
export class LateResult<B> implements Memory {
  readonly bytes: number;
  #buffer: B | undefined;
  #reading: Promise<TypedArray> | undefined;
  #array: TypedArray | undefined;
  #freed = false;
  readonly #failure: unknown;

  constructor(
    readonly backend: LateBackend<B>,
    readonly device: Device<B>,
    readonly results: LateResults<B>,
    readonly shape: readonly number[],
    readonly dtype: DType,
    readonly float16: Float16Bits | undefined,
  ) {
    this.bytes = sizeOf(shape) * deviceBytes(dtype);
    this.#buffer = device.allocate(this.bytes);
    this.#failure = results.failure;
  }

  /** It has been computed: from now on it may leave the device. */
  computed(): this {
    this.results.add(this);
    return this;
  }

  /** Where it is on the device; brought back if it has left. */
  get buffer(): B {
    // the device failed since, perhaps in computing this
    if (this.#array === undefined && this.results.failure !== this.#failure) throw this.results.failure;
    if (this.#buffer !== undefined) return this.#buffer;
    const buffer = (this.#buffer = this.device.allocate(this.bytes));
    this.results.add(this);
    if (this.#array !== undefined && this.bytes > 0)
      this.device.write(buffer, 0, toDevice(this.#array, this.dtype, this.float16));
    return buffer;
  }

  async read(): Promise<TypedArray> {
    const [array] = await Promise.all([this.#fetch(), this.backend.checkLater()]);
    return array;
  }

  /** The array, after which the device has no part of it. A failure is told to whoever reads. */
  #fetch(): Promise<TypedArray> {
    return (this.#reading ??= this.#read());
  }
  async #read(): Promise<TypedArray> {
    try {
      const bytes = await this.results.read(this.backend, this.buffer, this.bytes);
      return (this.#array = toHost(bytes, this.dtype, sizeOf(this.shape), this.float16));
    } finally {
      this.#leave();
    }
  }

  moveToHost(): void {
    if (this.#array !== undefined) this.#leave();
    else this.#fetch().catch(() => undefined);
  }

  #leave(): void {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    this.results.delete(this);
    if (buffer !== undefined) this.device.free(buffer);
  }

  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#leave();
  }
}
