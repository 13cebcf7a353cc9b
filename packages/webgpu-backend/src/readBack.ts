import { BufferPool, wholeWords } from './bufferPool.js';
import { bufferUsage, MAP_READ } from './flags.js';

/** Staging memory that is kept for later reads. */
const KEPT = 2 ** 25;

interface Read {
  readonly source: GPUBuffer;
  readonly offset: number;
  readonly length: number;
  /** Where it goes in the staging memory. */
  readonly at: number;
}

/** Reads that share one submission and one piece of staging memory. */
interface Batch {
  readonly reads: Read[];
  size: number;
  readonly staged: Promise<Uint8Array>;
  readonly start: (staged: Promise<Uint8Array>) => void;
}

/**
 * Copies of GPU memory on the host: of what it holds when they are asked for, not when they arrive. What is asked for at
 * once, such as all parameters of a model, comes in one copy; whoever changes or frees GPU memory calls `flush` before.
 */
export class ReadBack {
  readonly #gpu: GPUDevice;
  readonly #staging: BufferPool;
  #batch: Batch | undefined;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#staging = new BufferPool(gpu, bufferUsage.mapRead | bufferUsage.copyTarget, KEPT);
  }

  async read(source: GPUBuffer, offset: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const batch = (this.#batch ??= this.#open());
    const at = batch.size;
    batch.reads.push({ source, offset, length, at });
    batch.size += wholeWords(length);
    const staged = await batch.staged;
    return staged.slice(at, at + length);
  }

  /** Submits the copies that have been asked for. */
  flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    batch.start(this.#stage(batch));
  }

  #open(): Batch {
    let start!: Batch['start'];
    const staged = new Promise<Uint8Array>((resolve) => (start = resolve));
    queueMicrotask(() => this.flush());
    return { reads: [], size: 0, staged, start };
  }

  async #stage({ reads, size }: Batch): Promise<Uint8Array> {
    const staging = this.#staging.allocate(size);
    const encoder = this.#gpu.createCommandEncoder();
    for (const { source, offset, length, at } of reads)
      encoder.copyBufferToBuffer(source, offset, staging.gpu, at, wholeWords(length));
    this.#gpu.queue.submit([encoder.finish()]);
    try {
      await staging.gpu.mapAsync(MAP_READ, 0, size);
    } catch (error) {
      staging.gpu.destroy();
      throw error;
    }
    const bytes = new Uint8Array(staging.gpu.getMappedRange(0, size)).slice();
    staging.gpu.unmap();
    this.#staging.release(staging);
    return bytes;
  }

  close(): void {
    this.#staging.close();
  }

  /** After an error: what follows gets other memory. */
  renew(): void {
    this.#staging.doubt();
  }
}
