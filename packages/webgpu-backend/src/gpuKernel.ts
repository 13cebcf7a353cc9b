import type { Kernel } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import { type BlockLayout, blockLayout } from './launchBlocks.js';
import type { Pipelines } from './pipelines.js';
import { emitKernel } from './wgsl/emitKernel.js';
import type { ShaderLimits, Stage } from './wgsl/stage.js';

/** Bind groups that one kernel remembers: buffers come back in the same places. */
const REMEMBERED = 64;

/** A compiled kernel: its dispatches, and where its numbers go. */
export class GpuKernel {
  readonly block: BlockLayout;
  readonly stages: readonly { readonly stage: Stage; readonly pipeline: GPUComputePipeline }[];
  readonly #pipelines: Pipelines;
  readonly #groups = new Map<string, readonly GPUBindGroup[]>();

  constructor(
    readonly kernel: Kernel,
    pipelines: Pipelines,
    limits: ShaderLimits,
  ) {
    this.#pipelines = pipelines;
    this.block = blockLayout(kernel);
    this.stages = emitKernel(kernel, limits).map((stage) => ({ stage, pipeline: pipelines.pipeline(stage) }));
  }

  /** A bind group for each stage. */
  bindGroups(buffers: readonly GpuBuffer[]): readonly GPUBindGroup[] {
    const key = buffers.map(({ id }) => id).join();
    let groups = this.#groups.get(key);
    if (groups === undefined) {
      const resources = buffers.map(({ gpu }) => gpu);
      groups = this.stages.map(({ stage }) => this.#pipelines.bindGroup(stage, resources));
      if (this.#groups.size >= REMEMBERED) this.#groups.delete(this.#groups.keys().next().value!);
      this.#groups.set(key, groups);
    }
    return groups;
  }

  get source(): string {
    return this.stages.map(({ stage }) => stage.wgsl).join('\n');
  }
}
