import type { Launch, Recording } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import { type Dispatches, dispatchesOf, encode, rebind } from './dispatches.js';
import type { GpuKernel } from './gpuKernel.js';
import { allocateWords, type Words } from './launchBlocks.js';
import type { LaunchMemory } from './launchMemory.js';
import type { Revision } from './revision.js';

/** Launches with their bind groups made: running them writes their numbers and submits one command buffer. */
export class GpuRecording implements Recording<GpuBuffer> {
  readonly #gpu: GPUDevice;
  readonly #memory: LaunchMemory;
  readonly #revision: Revision;
  readonly #launches: readonly (Launch<GpuBuffer, GpuKernel> & { readonly buffers: GpuBuffer[] })[];
  /** Of each buffer of all launches, which launch it belongs to and which buffer of it that is. */
  readonly #places: readonly { readonly launch: number; readonly at: number }[];
  /** Launches that have other buffers than their bind groups. */
  readonly #stale = new Set<number>();
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
    this.#launches = launches.map((launch) => ({ ...launch, buffers: [...launch.buffers] }));
    this.#places = launches.flatMap(({ buffers }, launch) => buffers.map((_, at) => ({ launch, at })));
    this.#current();
  }

  run(scalars: Float64Array): void {
    const { dispatches } = this.prepare(scalars);
    if (dispatches.length === 0) return;
    const encoder = this.#gpu.createCommandEncoder();
    const pass = encoder.beginComputePass();
    encode(pass, dispatches, this.#memory.group, scalars);
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
  }

  replace(index: number, buffer: GpuBuffer): void {
    const { launch, at } = this.#places[index];
    this.#launches[launch].buffers[at] = buffer;
    this.#stale.add(launch);
  }

  /** Writes the numbers where the dispatches find them. */
  prepare(scalars: Float64Array): Dispatches {
    const { dispatches, words } = this.#current();
    for (const { kernel, at, from } of dispatches.blocks) kernel.block.write(words, at, scalars, from);
    this.#memory.write(words);
    return dispatches;
  }

  #current() {
    if (this.#made?.revision === this.#revision.value)
      for (const launch of this.#stale) rebind(this.#made.dispatches, launch, this.#launches[launch]);
    this.#stale.clear();
    // bind groups can need more scratch memory than there was
    if (this.#made?.revision !== this.#revision.value) {
      const dispatches = dispatchesOf(this.#launches, this.#revision);
      this.#made = { revision: this.#revision.value, dispatches, words: allocateWords(dispatches.words) };
    }
    return this.#made;
  }
}
