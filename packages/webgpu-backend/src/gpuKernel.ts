import type { Kernel } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import { type BlockLayout, blockLayout } from './launchBlocks.js';
import type { Pipelines } from './pipelines.js';
import type { Scratch } from './scratch.js';
import type { BoundStage, Program } from './wgsl/stage.js';

/** Bind groups that one kernel remembers: buffers come back in the same places, batches and results in turn. */
const REMEMBERED = 256;

/** A dispatch of a kernel, ready but for its buffers. */
export interface ReadyStage {
  readonly stage: BoundStage;
  readonly pipeline: GPUComputePipeline;
}

/** A compiled kernel: its dispatches, and where its numbers go. */
export class GpuKernel {
  readonly block: BlockLayout;
  readonly #pipelines: Pipelines;
  readonly #scratch: Scratch;
  readonly #groups = new Map<string, readonly GPUBindGroup[]>();
  #stages: readonly ReadyStage[] = [];
  #sizes: readonly number[] = [];

  constructor(
    readonly kernel: Kernel,
    program: Program,
    pipelines: Pipelines,
    scratch: Scratch,
  ) {
    this.#pipelines = pipelines;
    this.#scratch = scratch;
    this.block = blockLayout(kernel);
    this.use(program);
  }

  /** Runs as this program from now on. */
  use({ stages, scratch }: Program): void {
    this.#stages = stages.map((stage) => ({ stage, pipeline: this.#pipelines.pipeline(stage) }));
    this.#sizes = scratch;
    this.#groups.clear();
  }

  get stages(): readonly ReadyStage[] {
    return this.#stages;
  }

  /** A bind group for each stage. */
  bindGroups(given: readonly GpuBuffer[]): readonly GPUBindGroup[] {
    const buffers = [...given, ...this.#scratch.take(this.#sizes)];
    const key = buffers.map(({ id }) => id).join();
    let groups = this.#groups.get(key);
    if (groups === undefined) {
      groups = this.#stages.map(({ stage }) =>
        this.#pipelines.bindGroup(
          stage,
          stage.buffers.map((i) => buffers[i].gpu),
        ),
      );
      if (this.#groups.size >= REMEMBERED) this.#groups.delete(this.#groups.keys().next().value!);
      this.#groups.set(key, groups);
    }
    return groups;
  }

  get source(): string {
    return this.#stages.map(({ stage }) => stage.wgsl).join('\n');
  }
}
