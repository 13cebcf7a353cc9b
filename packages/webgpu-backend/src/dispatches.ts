import type { Launch } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import type { GpuKernel } from './gpuKernel.js';
import { BLOCK_STEP } from './launchBlocks.js';
import type { Revision } from './revision.js';

/** Workgroups along one dimension of a dispatch. */
const MOST_GROUPS = 65_535;

export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  group: GPUBindGroup;
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
  /** The first dispatch of each launch. */
  readonly first: readonly number[];
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
  const first: number[] = [];
  let words = 0;
  launches.forEach(({ executable, buffers, scalars }, launch) => {
    const { kernel, stages, block } = executable;
    const each = kernel.buffers.length;
    first.push(dispatches.length);
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
      const groups = groupsOf(executable, buffers, segment);
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
  return { dispatches, first, blocks, words };
}

/** The dispatches of a launch get the bind groups of other buffers. */
export function rebind({ dispatches, first }: Dispatches, launch: number, given: Launch<GpuBuffer, GpuKernel>): void {
  const { executable, buffers } = given;
  const segments = buffers.length / executable.kernel.buffers.length;
  let at = first[launch];
  for (let segment = 0; segment < segments; segment++)
    for (const group of groupsOf(executable, buffers, segment)) dispatches[at++].group = group;
}

/** The bind groups of a segment, or of a launch without segments. */
function groupsOf(executable: GpuKernel, buffers: readonly GpuBuffer[], segment: number): readonly GPUBindGroup[] {
  const each = executable.kernel.buffers.length;
  return executable.bindGroups(buffers.slice(segment * each, (segment + 1) * each));
}

/** Encodes dispatches, in order. */
export function encode(
  pass: GPUComputePassEncoder,
  dispatches: Iterable<Dispatch>,
  launchGroup: GPUBindGroup,
  scalars: Float64Array,
): void {
  let current: GPUComputePipeline | undefined;
  let bound = -1;
  for (const { pipeline, group, workgroups, length, block } of dispatches) {
    const groups = length < 0 ? workgroups : Math.ceil(scalars[length] / workgroups);
    if (groups === 0) continue;
    if (pipeline !== current) pass.setPipeline((current = pipeline));
    pass.setBindGroup(0, group);
    if (block >= 0 && block !== bound) pass.setBindGroup(1, launchGroup, [(bound = block)]);
    const rows = Math.ceil(groups / MOST_GROUPS);
    pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
  }
}
