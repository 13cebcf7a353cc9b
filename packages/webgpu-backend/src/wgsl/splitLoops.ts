import type { Block, Inst, Kernel, Loops, ReduceOp } from '@kindling/compiler';
import { type DType, isFloat } from '@kindling/core';
import { count, rowMajor } from './axes.js';
import { type Part, part } from './part.js';
import { wide } from './shader.js';
import { chooseSplit, maskBeyond, splitCode, splitSizes, splitStores } from './splitAxis.js';

/** Terms that one workgroup may reduce before others should help. */
const LONG = 4096;
/** Terms of a part, at least. */
const PART = 2048;
/** Invocations that keep a GPU busy. */
const BUSY = 65_536;

/** In how many parts blocks of a kernel are worth splitting; 1 for none. */
export function partsOf(block: Block, rows: number, axes: readonly number[], isSoftware: boolean): number {
  const length = count(block.inner, axes);
  // a software adapter has few processors, and dispatches are dear
  if (isSoftware) return rows >= 8 || length < 2 ** 18 ? 1 : Math.ceil(8 / rows);
  if (length < LONG * 2) return 1;
  return Math.min(Math.floor(length / PART), Math.ceil(BUSY / (rows * 256)));
}

/**
 * Loops with few rows and a long block: several workgroups take parts of it, and leave their partial results in scratch
 * memory to the rest of the kernel, which is a kernel of its own. Undefined where there is nothing to split.
 */
export function splitLoops(
  kernel: Kernel,
  wanted: (block: Block, rows: number) => number,
): { readonly parts: readonly Part[]; readonly scratch: readonly number[] } | undefined {
  let { axes, buffers } = kernel;
  let body = kernel.body as Loops;
  const parts: Part[] = [];
  const scratch: number[] = [];
  const rows = count(body.outer, axes);
  for (let b = 0; b < body.blocks.length; b++) {
    const block = body.blocks[b];
    const before = body.blocks.slice(0, b);
    // what comes before is repeated by each part
    if (before.some(({ stores, inner }) => stores.length > 0 || count(inner, axes) > LONG)) break;
    const isLast = b === body.blocks.length - 1;
    if (block.reduces.some(({ op }) => neutral[op] === undefined) || (block.reduces.length === 0 && !isLast)) continue;
    const isIndirect = block.code.some((inst) => inst.op === 'load' && inst.at.by !== undefined);
    const canMask = block.stores.length === 0 && !isIndirect;
    const split = chooseSplit(block.inner, axes, wanted(block, rows), canMask);
    if (split === undefined) continue;

    const sizes = splitSizes(axes, split);
    const partAxis = axes.length;
    const place = { base: 0, stride: rowMajor([...body.outer, partAxis], sizes) };
    const first = buffers.length;
    const dtypes = block.reduces.map(({ value }) => wide(block.code[value].dtype));
    buffers = [...buffers, ...dtypes.map((dtype) => ({ dtype, use: 'readwrite' as const }))];
    scratch.push(...dtypes.map(() => 4 * rows * split.parts));
    const extended = (given: Block): Block => ({ ...given, code: splitCode(given.code, split), stores: splitStores(given.stores, split) }); // prettier-ignore
    let code = splitCode(block.code, split);
    const reduces = block.reduces.map(({ op, value }) => {
      if (!split.isUneven) return { op, value };
      const masked = maskBeyond(code, value, neutralOf(op, block.code[value].dtype), axes, split);
      code = masked.code;
      return { op, value: masked.out };
    });
    const own: Block = { ...block, code, reduces, stores: splitStores(block.stores, split) };
    const left: Block = {
      inner: [],
      code: dtypes.map((dtype, reduce): Inst => ({ op: 'prior', block: b, reduce, dtype })),
      reduces: [],
      stores: dtypes.map((_, r) => ({ at: { buffer: first + r, index: place }, value: r, mode: 'set' })),
    };
    const blocks = [...before.map(extended), own, ...(dtypes.length > 0 ? [left] : [])];
    const partial: Loops = { kind: 'loops', outer: [...body.outer, partAxis], blocks };
    parts.push(part({ axes: sizes, buffers, scalars: kernel.scalars, body: partial }));
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
  parts.push(part({ axes, buffers, scalars: kernel.scalars, body }));
  return { parts, scratch };
}

const neutral: Partial<Record<ReduceOp, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity };

function neutralOf(op: ReduceOp, dtype: DType): number {
  const value = neutral[op]!;
  if (isFloat(dtype) || Number.isFinite(value)) return value;
  const [least, greatest] = dtype === 'int32' ? [-2147483648, 2147483647] : [0, dtype === 'bool' ? 1 : 4294967295];
  return value < 0 ? least : greatest;
}
