import type { Launch, Recording } from '@kindling/compiler';
import type { GpuBuffer } from './bufferPool.js';
import type { GpuKernel } from './gpuKernel.js';
import { allocateWords, BLOCK_STEP } from './launchBlocks.js';
import type { LaunchMemory } from './launchMemory.js';

/** Workgroups along one dimension of a dispatch. */
const MOST_GROUPS = 65_535;

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  /** Workgroups; of a segment, the elements that each takes. */
  readonly workgroups: number;
  /** Which scalar is the segment's length, or −1. */
  readonly length: number;
  /** The offset of its launch block in bytes, or −1 where it reads none. */
  readonly block: number;
}

/** Launches with their bind groups made: running them writes their numbers and submits one command buffer. */
export function record(
  gpu: GPUDevice,
  memory: LaunchMemory,
  launches: readonly Launch<GpuBuffer, GpuKernel>[],
): Recording {
  const dispatches: Dispatch[] = [];
  const blocks: { readonly from: number; readonly at: number; readonly kernel: GpuKernel }[] = [];
  let size = 0;
  for (const { executable, buffers, scalars } of launches) {
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
      if (block.step > 0) blocks.push({ from, at: size, kernel: executable });
      const offset = block.step > 0 ? (BLOCK_STEP + size) * 4 : 0;
      size += block.step;
      const groups = executable.bindGroups(buffers.slice(segment * each, (segment + 1) * each));
      stages.forEach(({ stage, pipeline }, s) => {
        dispatches.push({
          pipeline,
          group: groups[s],
          workgroups: stage.workgroups,
          length: kernel.segmented ? from : -1,
          block: stage.usesLaunch ? offset : -1,
        });
      });
    }
  }
  const words = allocateWords(size);
  return {
    run: (scalars) => {
      if (dispatches.length === 0) return;
      for (const { kernel, at, from } of blocks) kernel.block.write(words, at, scalars, from);
      memory.write(words);
      const encoder = gpu.createCommandEncoder();
      const pass = encoder.beginComputePass();
      for (const { pipeline, group, workgroups, length, block } of dispatches) {
        const groups = length < 0 ? workgroups : Math.ceil(scalars[length] / workgroups);
        if (groups === 0) continue;
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        if (block >= 0) pass.setBindGroup(1, memory.group, [block]);
        const rows = Math.ceil(groups / MOST_GROUPS);
        pass.dispatchWorkgroups(Math.ceil(groups / rows), rows);
      }
      pass.end();
      gpu.queue.submit([encoder.finish()]);
    },
  };
}
