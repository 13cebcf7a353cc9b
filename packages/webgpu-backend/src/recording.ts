import type { Launch, Recording } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import { type Dispatches, dispatchesOf, encode } from './dispatches.js';
import type { GpuKernel } from './gpuKernel.js';
import { allocateWords, type Words } from './launchBlocks.js';
import type { LaunchMemory } from './launchMemory.js';
import type { Revision } from './revision.js';

/** Launches with their bind groups made: running them writes their numbers and submits one command buffer. */
export class GpuRecording implements Recording {
  readonly #gpu: GPUDevice;
  readonly #memory: LaunchMemory;
  readonly #revision: Revision;
  readonly #launches: readonly Launch<GpuBuffer, GpuKernel>[];
  #made: { readonly revision: number; readonly dispatches: Dispatches; readonly words: Words } | undefined;

  constructor(
    gpu: GPUDevice,
    memory: LaunchMemory,
    revision: Revision,
    launches: readonly Launch<GpuBuffer, GpuKernel>[],
  ) {
    this.#gpu = gpu;
    this.#memory = memory;
    this.#revision = revision;
    this.#launches = launches;
    this.#current();
  }

  run(scalars: Float64Array): void {
    const { dispatches } = this.prepare(scalars);
    if (dispatches.length === 0) return;
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const dispatch of dispatches) encode(pass, dispatch, this.#memory.group, scalars);
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
  }

  /** Writes the numbers where the dispatches find them. */
  prepare(scalars: Float64Array): Dispatches {
    const { dispatches, words } = this.#current();
    for (const { kernel, at, from } of dispatches.blocks) kernel.block.write(words, at, scalars, from);
    this.#memory.write(words);
    return dispatches;
  }

  #current() {
    if (this.#made?.revision !== this.#revision.value) {
      const dispatches = dispatchesOf(this.#launches, this.#revision);
      this.#made = { revision: this.#revision.value, dispatches, words: allocateWords(dispatches.words) };
    }
    return this.#made;
  }
}
