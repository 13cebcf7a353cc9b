import type { Launch } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import type { GpuKernel } from './gpuKernel.js';
import { BLOCK_STEP } from './launchBlocks.js';
import type { Revision } from './revision.js';

/** Workgroups along one dimension of a dispatch. */
const MOST_GROUPS = 65_535;

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Workgroups; of a segment, the elements that each takes. */
  readonly workgroups: number;
  /** Which scalar is the segment's length, or −1. */
  readonly length: number;
  /** The offset of its launch block in bytes, or −1 where it reads none. */
  readonly block: number;
  /** Of which launch it is part. */
  readonly launch: number;
}

/** Where the numbers of a launch, or of one of its segments, are, and where their block goes, in words. */
export interface Block {
  readonly from: number;
  readonly at: number;
  readonly kernel: GpuKernel;
}

export interface Dispatches {
  readonly dispatches: readonly Dispatch[];
  readonly blocks: readonly Block[];
  /** Words of all blocks. */
  readonly words: number;
}

/** All that launches need but their numbers. */
export function dispatchesOf(launches: readonly Launch<GpuBuffer, GpuKernel>[], revision: Revision): Dispatches {
  for (;;) {
    const before = revision.value;
    const made = collect(launches);
    // scratch memory that grew on the way has left the first bind groups stale
    if (revision.value === before) return made;
  }
}

function collect(launches: readonly Launch<GpuBuffer, GpuKernel>[]): Dispatches {
  const dispatches: Dispatch[] = [];
  const blocks: Block[] = [];
  let words = 0;
  launches.forEach(({ executable, buffers, scalars }, launch) => {
    const { kernel, stages, block } = executable;
    const each = kernel.buffers.length;
    const numbers = kernel.scalars.length + Number(kernel.segmented);
    const segments = kernel.segmented ? buffers.length / each : 1;
    if (buffers.length !== segments * each || scalars.count !== segments * numbers || segments % 1 !== 0)
      throw new RangeError(
        `webgpu run: ${buffers.length} buffers and ${scalars.count} scalars for a kernel with ${each} and ${numbers}`,
      );
    for (let segment = 0; segment < segments; segment++) {
      const from = scalars.from + segment * numbers;
      if (block.step > 0) blocks.push({ from, at: words, kernel: executable });
      const offset = block.step > 0 ? (BLOCK_STEP + words) * 4 : 0;
      words += block.step;
      const groups = executable.bindGroups(buffers.slice(segment * each, (segment + 1) * each));
      stages.forEach(({ stage, pipeline }, s) => {
        dispatches.push({
          pipeline,
          group: groups[s],
          workgroups: stage.workgroups,
          length: kernel.segmented ? from : -1,
          block: stage.usesLaunch ? offset : -1,
          launch,
        });
      });
    }
  });
  return { dispatches, blocks, words };
}

export function encode(
  pass: GPUComputePassEncoder,
  { pipeline, group, workgroups, length, block }: Dispatch,
  launchGroup: GPUBindGroup,
  scalars: Float64Array,
): void {
  const groups = length < 0 ? workgroups : Math.ceil(scalars[length] / workgroups);
  if (groups === 0) return;
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  if (block >= 0) pass.setBindGroup(1, launchGroup, [block]);
  const rows = Math.ceil(groups / MOST_GROUPS);
  pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
}
