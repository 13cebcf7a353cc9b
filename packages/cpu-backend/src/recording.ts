import type { Launch, Recording } from '@kindling/compiler';
import type { CpuKernel } from './compileKernel.js';
import type { CpuBuffer, Memory } from './memory.js';

/** A kernel over units [0, extent), with its argument block at this address. */
export interface Call {
  readonly executable: CpuKernel;
  readonly at: number;
  /** The launch that it belongs to, whose calls may run in any order and at the same time. */
  readonly launch: number;
  /** For a segment, its length. */
  extent: number;
}

interface Arguments {
  readonly call: Call;
  /** Scalars go to this float64 of the memory, from this position of the recording's, so many. */
  readonly word: number;
  readonly from: number;
  readonly count: number;
}

/** Launches with their argument blocks written but for the scalars. `start` runs the calls in order. */
export function record(
  memory: Memory,
  launches: readonly Launch<CpuBuffer, CpuKernel>[],
  start: (calls: readonly Call[], changed: boolean) => void,
): Recording<CpuBuffer> {
  const blocks: CpuBuffer[] = [];
  const each: Arguments[] = [];
  /** Where the address of each buffer is, as words. */
  const words: number[] = [];
  const point = (b: number, { pointer, bytes }: CpuBuffer): void => {
    if (pointer < 0) throw new Error(`cpu run: buffer ${b}, of ${bytes} bytes, has been freed`);
    memory.int32[words[b]] = pointer;
  };
  launches.forEach(({ executable, buffers, scalars: { from, count } }, launch) => {
    const { kernel, layout, extent } = executable;
    const numbers = kernel.scalars.length + Number(kernel.segmented);
    const segments = kernel.segmented ? buffers.length / kernel.buffers.length : 1;
    if (buffers.length !== segments * kernel.buffers.length || count !== segments * numbers || segments % 1 !== 0)
      throw new RangeError(
        `cpu run: ${buffers.length} buffers and ${count} scalars for a kernel with ${kernel.buffers.length} and ${numbers}`,
      );
    const block = memory.allocate(segments * layout.bytes);
    blocks.push(block);
    for (let segment = 0; segment < segments; segment++) {
      const at = block.pointer + segment * layout.bytes;
      kernel.buffers.forEach((_, i) => {
        words.push(at / 4 + i);
        point(words.length - 1, buffers[segment * kernel.buffers.length + i]);
      });
      each.push({
        call: { executable, at, launch, extent: kernel.segmented ? -1 : extent },
        word: (at + layout.scalars) / 8,
        from: from + (segment + 1) * numbers - kernel.scalars.length,
        count: kernel.scalars.length,
      });
    }
  });
  const calls = each.map(({ call }) => call);
  let changed = true;
  return {
    run: (scalars) => {
      const { float64 } = memory;
      for (const { call, word, from, count } of each) {
        if (call.executable.kernel.segmented && call.extent !== scalars[from - 1]) {
          call.extent = scalars[from - 1]!;
          changed = true;
        }
        for (let i = 0; i < count; i++) float64[word + i] = scalars[from + i]!;
      }
      start(calls, changed);
      changed = false;
    },
    replace: point,
    free: () => {
      for (const block of blocks) memory.free(block);
    },
  };
}
