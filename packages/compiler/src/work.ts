import { deviceBytes, type DType, isFloat } from '@kindling/core';
import type { Access, Ids, Inst, Kernel } from './ir.js';

/** What one launch of a kernel has to do. */
export interface Work {
  /** Bytes moved if every element is touched once. */
  readonly bytes: number;
  /** Floating-point operations. */
  readonly flop: number;
}

/** The work of a launch; `lengths` are those of the segments, where the kernel has any. */
export function workOf(kernel: Kernel, lengths: readonly number[]): Work {
  const axes = kernel.segmented ? [lengths.reduce((a, b) => a + b, 0)] : kernel.axes;
  const product = (ids: Ids): number => ids.reduce((n, k) => n * axes[k], 1);
  const touched = new Map<string, number>();
  const touch = (at: Access, over: Ids, dtype: DType): void => {
    const elements = elementsOf(at, over, axes);
    touched.set(JSON.stringify([at, over]), elements * deviceBytes(dtype));
  };
  const { body } = kernel;
  let flop = 0;
  const visit = (code: readonly Inst[], over: Ids): void => {
    for (const inst of code) if (inst.op === 'load') touch(inst.at, over, inst.dtype);
  };
  if (body.kind === 'contract') {
    const { batch, m, n, k } = body;
    visit(body.a.code, [...batch, ...m, ...k]);
    visit(body.b.code, [...batch, ...n, ...k]);
    visit(body.epilogue.code, [...batch, ...m, ...n]);
    for (const { at } of body.epilogue.stores) touch(at, [...batch, ...m, ...n], kernel.buffers[at.buffer].dtype);
    const cells = product([...batch, ...m, ...n]);
    flop = 2 * cells * product(k) + cells * arithmetic(body.epilogue.code);
  } else {
    for (const block of body.blocks) {
      const over = [...body.outer, ...block.inner];
      visit(block.code, over);
      for (const { at } of block.stores) touch(at, over, kernel.buffers[at.buffer].dtype);
      const sums = block.reduces.filter(({ value }) => isFloat(block.code[value].dtype));
      flop += product(over) * (arithmetic(block.code) + sums.length);
    }
  }
  return { bytes: [...touched.values()].reduce((a, b) => a + b, 0), flop };
}

function arithmetic(code: readonly Inst[]): number {
  return code.filter((inst) => 'in' in inst && isFloat(inst.dtype)).length;
}

/** How many different elements an access reaches, at most. */
function elementsOf({ index, by }: Access, over: Ids, axes: Ids): number {
  let indices = 1;
  let span = 1;
  for (const axis of over) {
    if (axes[axis] === 0) return 0;
    if (index.stride[axis] === 0 && by === undefined) continue;
    indices *= axes[axis];
    span += Math.abs(index.stride[axis]) * (axes[axis] - 1);
  }
  // windows that overlap reach fewer elements than they have places
  return by === undefined ? Math.min(indices, span) : indices;
}
