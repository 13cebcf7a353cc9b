import { BufferPool, wholeWords } from './bufferPool.js';
import { bufferUsage, MAP_READ } from './flags.js';

/** Staging memory that is kept for later reads. */
const KEPT = 2 ** 25;

/** Copies of GPU memory on the host: of what it holds when they are asked for, not when they arrive. */
export class ReadBack {
  readonly #gpu: GPUDevice;
  readonly #staging: BufferPool;

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
    this.#staging = new BufferPool(gpu, bufferUsage.mapRead | bufferUsage.copyTarget, KEPT);
  }

  async read(source: GPUBuffer, offset: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const whole = wholeWords(length);
    const staging = this.#staging.allocate(whole);
    const encoder = this.#gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging.gpu, 0, whole);
    this.#gpu.queue.submit([encoder.finish()]);
    await staging.gpu.mapAsync(MAP_READ, 0, whole);
    const bytes = new Uint8Array(staging.gpu.getMappedRange(0, whole)).slice(0, length);
    staging.gpu.unmap();
    this.#staging.release(staging);
    return bytes;
  }

  close(): void {
    this.#staging.close();
  }
}
