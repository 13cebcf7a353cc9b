import type { Launch, Recording } from '@kindling/compiler';
import type { CpuKernel, CpuPass } from './compileKernel.js';
import type { CpuBuffer, Memory } from './memory.js';

/** A kernel over units [0, extent), with its argument block at this address. */
export interface Call {
  readonly executable: CpuPass;
  readonly at: number;
  /** The pass of a launch that it belongs to, whose calls may run in any order and at the same time. */
  readonly pass: number;
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

type Start = (calls: readonly Call[], changed: boolean) => void;

/** Launches with their argument blocks written but for the scalars. `start` runs the calls in order. */
export function record(
  memory: Memory,
  launches: readonly Launch<CpuBuffer, CpuKernel>[],
  start: Start,
): Recording<CpuBuffer> {
  const blocks: CpuBuffer[] = [];
  const allocate = (bytes: number): CpuBuffer => blocks[blocks.push(memory.allocate(bytes)) - 1];
  const free = (): void => {
    for (const block of blocks) memory.free(block);
  };
  try {
    return { ...recordIn(memory, allocate, launches, start), free };
  } catch (error) {
    free();
    throw error;
  }
}

function recordIn(
  memory: Memory,
  allocate: (bytes: number) => CpuBuffer,
  launches: readonly Launch<CpuBuffer, CpuKernel>[],
  start: Start,
): Recording<CpuBuffer> {
  const each: Arguments[] = [];
  /** The words that hold the address of each buffer. */
  const words: number[][] = [];
  const point = (b: number, { pointer, bytes }: CpuBuffer): void => {
    if (pointer < 0) throw new Error(`cpu run: buffer ${b}, of ${bytes} bytes, has been freed`);
    for (const word of words[b]) memory.int32[word] = pointer;
  };
  let passNumber = 0;
  for (const { executable, buffers, scalars } of launches) {
    const { kernel, passes, passedOn } = executable;
    const numbers = kernel.scalars.length + Number(kernel.segmented);
    const segments = kernel.segmented ? buffers.length / kernel.buffers.length : 1;
    if (
      buffers.length !== segments * kernel.buffers.length ||
      scalars.count !== segments * numbers ||
      segments % 1 !== 0
    )
      throw new RangeError(
        `cpu run: ${buffers.length} buffers and ${scalars.count} scalars for a kernel with ${kernel.buffers.length} and ${numbers}`,
      );
    const first = words.length;
    words.push(...buffers.map(() => []));
    const between = passedOn.map(allocate);
    for (const pass of passes) {
      const { layout, extent } = pass;
      const block = allocate(segments * layout.bytes);
      for (let segment = 0; segment < segments; segment++) {
        const at = block.pointer + segment * layout.bytes;
        pass.kernel.buffers.forEach((_, b) => {
          const word = at / 4 + b;
          if (b < kernel.buffers.length) words[first + segment * kernel.buffers.length + b].push(word);
          else memory.int32[word] = between[b - kernel.buffers.length].pointer;
        });
        each.push({
          call: { executable: pass, at, pass: passNumber, extent: kernel.segmented ? -1 : extent },
          word: (at + layout.scalars) / 8,
          from: scalars.from + (segment + 1) * numbers - kernel.scalars.length,
          count: kernel.scalars.length,
        });
      }
      passNumber += 1;
    }
    buffers.forEach((buffer, b) => point(first + b, buffer));
  }
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
  };
}
