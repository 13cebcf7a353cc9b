import { allocateWords, BLOCK_BYTES, BLOCK_STEP, type Words, writeHead } from './launchBlocks.js';
import { bufferUsage } from './flags.js';
import type { Pipelines } from './pipelines.js';

/**
 * The one small buffer through which numbers reach kernels: the launch blocks of a submission, side by side. The queue
 * orders writes and submissions, so each submission may begin at the same place. Block 0 is for kernels whose launches
 * are all alike.
 */
export class LaunchMemory {
  readonly #gpu: GPUDevice;
  readonly #pipelines: Pipelines;
  #words = 0;
  #buffer: GPUBuffer | undefined;
  #group: GPUBindGroup | undefined;

  constructor(gpu: GPUDevice, pipelines: Pipelines) {
    this.#gpu = gpu;
    this.#pipelines = pipelines;
    this.renew();
  }

  /** Takes other memory, at first and after an error. */
  renew(): void {
    this.#grow(64 * BLOCK_STEP);
  }

  get group(): GPUBindGroup {
    return this.#group!;
  }

  /** Makes these the blocks after block 0 for what is submitted next. */
  write({ uint32 }: Words): void {
    if (uint32.length === 0) return;
    if (uint32.length > this.#words) this.#grow(uint32.length * 2);
    this.#gpu.queue.writeBuffer(this.#buffer!, BLOCK_STEP * 4, uint32);
  }

  #grow(words: number): void {
    this.#buffer?.destroy();
    this.#words = words;
    this.#buffer = this.#gpu.createBuffer({
      // every block may be bound at the full size of a block
      size: (BLOCK_STEP + words) * 4 + BLOCK_BYTES,
      usage: bufferUsage.uniform | bufferUsage.copyTarget,
    });
    const first = allocateWords(BLOCK_STEP);
    writeHead(first, 0, 0);
    this.#gpu.queue.writeBuffer(this.#buffer, 0, first.uint32);
    this.#group = this.#pipelines.launchGroup(this.#buffer);
  }

  close(): void {
    this.#buffer?.destroy();
  }
}
