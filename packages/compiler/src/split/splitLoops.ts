import { deviceBytes } from '@kindling/core';
import { type Block, type Inst, type Kernel, type Loops, wide } from '../ir.js';
import { count, rowMajor } from '../axes.js';
import type { maskReduction } from './mask.js';
import { chooseSplit, splitCode, splitSizes, splitStores } from './splitAxis.js';

/** What comes before a block that is split is repeated by each part: it must be short. */
const REPEATED = 4096;

/** A kernel as several that run one after another, and bytes of the pieces of scratch memory that they pass on. */
export interface InParts {
  /** Their buffers are those of the whole, whether they use them or not, and then the pieces. */
  readonly parts: readonly Kernel[];
  readonly scratch: readonly number[];
}

/**
 * Loops with few rows and a long block: its parts can run at the same time, and leave their partial results in scratch
 * memory to the rest of the kernel, which is a kernel of its own. `wanted` says in how many parts, about; parts are
 * equal unless there is a `mask` (`maskReduction`), which costs a comparison for each load. Undefined where there is nothing
 * to split.
 */
export function splitLoops(
  kernel: Kernel,
  wanted: (block: Block, rows: number) => number,
  mask?: typeof maskReduction,
): InParts | undefined {
  let { axes, buffers } = kernel;
  let body = kernel.body as Loops;
  const parts: Kernel[] = [];
  const scratch: number[] = [];
  const rows = count(body.outer, axes);
  for (let b = 0; b < body.blocks.length; b++) {
    const block = body.blocks[b];
    const before = body.blocks.slice(0, b);
    // what comes before is repeated by each part
    if (before.some(({ stores, inner }) => stores.length > 0 || count(inner, axes) > REPEATED)) break;
    const isLast = b === body.blocks.length - 1;
    if (block.reduces.some(({ op }) => op.startsWith('arg')) || (block.reduces.length === 0 && !isLast)) continue;
    const isIndirect = block.code.some((inst) => inst.op === 'load' && inst.at.by !== undefined);
    const canMask = mask !== undefined && block.stores.length === 0 && !isIndirect;
    // an axis that what comes before goes through as well stays whole
    const own = block.inner.filter((axis) => !before.some(({ inner }) => inner.includes(axis)));
    const split = chooseSplit(own, axes, wanted(block, rows), canMask);
    if (split === undefined) continue;

    const sizes = splitSizes(axes, split);
    const partAxis = axes.length;
    const place = { base: 0, stride: rowMajor([...body.outer, partAxis], sizes) };
    const first = buffers.length;
    const dtypes = block.reduces.map(({ value }) => wide(block.code[value].dtype));
    buffers = [...buffers, ...dtypes.map((dtype) => ({ dtype, use: 'readwrite' as const }))];
    scratch.push(...dtypes.map((dtype) => deviceBytes(dtype) * rows * split.parts));
    const extended = (given: Block): Block => ({ ...given, code: splitCode(given.code, split), stores: splitStores(given.stores, split) }); // prettier-ignore
    let code = splitCode(block.code, split);
    const reduces = block.reduces.map(({ op, value }) => {
      if (!split.isUneven) return { op, value };
      const masked = mask!(code, { op, value }, axes, split);
      code = masked.code;
      return { op, value: masked.out };
    });
    const partOf: Block = { ...block, code, reduces, stores: splitStores(block.stores, split) };
    const left: Block = {
      inner: [],
      code: dtypes.map((dtype, reduce): Inst => ({ op: 'prior', block: b, reduce, dtype })),
      reduces: [],
      stores: dtypes.map((_, r) => ({ at: { buffer: first + r, index: place }, value: r, mode: 'set' })),
    };
    const blocks = [...before.map(extended), partOf, ...(dtypes.length > 0 ? [left] : [])];
    const partial: Loops = { kind: 'loops', outer: [...body.outer, partAxis], blocks };
    parts.push({ ...kernel, axes: sizes, buffers, body: partial });
    if (dtypes.length === 0) return { parts, scratch };

    const combined: Block = {
      inner: [partAxis],
      code: dtypes.map((dtype, r): Inst => ({ op: 'load', at: { buffer: first + r, index: place }, dtype })),
      reduces: block.reduces.map(({ op }, r) => ({ op, value: r })),
      stores: [],
    };
    // the axes as they were, and the parts
    const whole = { ...split, size: 0 };
    const restored = (given: Block): Block => ({ ...given, code: splitCode(given.code, whole), stores: splitStores(given.stores, whole) }); // prettier-ignore
    axes = [...axes, split.parts];
    body = { ...body, blocks: body.blocks.map((given, i) => (i === b ? combined : restored(given))) };
  }
  if (parts.length === 0) return undefined;
  parts.push({ ...kernel, axes, buffers, body });
  return { parts, scratch };
}
