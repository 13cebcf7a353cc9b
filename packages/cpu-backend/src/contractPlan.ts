import {
  type Contract,
  count,
  deviceBytes,
  type Ids,
  type Inst,
  type Kernel,
  type Operand,
  rowMajor,
} from '@kindling/compiler';
import { costOf } from './instructions.js';
import { widthOf } from './emitLoops.js';
import type { Target } from './target.js';
import { asWindows, layoutOf, type Windows } from './windows.js';

/** An operand read where it lies: steps in bytes along its own axis and along k. */
export interface Direct {
  readonly load: Inst & { op: 'load' };
  readonly step: number;
  readonly kStep: number;
}

/** How a contraction is blocked. Rows are indices of m, columns of n; the lanes lie along n. */
export interface ContractPlan {
  readonly kernel: Kernel;
  readonly body: Contract;
  readonly bytes: number;
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly batches: number;
  readonly a: Direct | undefined;
  readonly b: Direct | undefined;
  /** The register tile: rows × vectors. */
  readonly tile: { readonly rows: number; readonly vectors: number };
  /** Tiles beside each other: one strip of B has this many columns. */
  readonly strips: number;
  /** Blocks: rows of A, strips of B, indices of the first axis of k. */
  readonly rowBlock: number;
  /** Rows of A for which a block of B is packed once. */
  readonly rowGroup: number;
  /** Rows of one unit of work: all, unless there are too few strips to share among threads. */
  readonly rowPart: number;
  readonly stripBlock: number;
  readonly kBlock: number;
  readonly kBlocks: number;
  /** Terms of the sum in a full block. */
  readonly blockDepth: number;
  /** Set if A is windows over an array, and then the sizes of the blocks along the axes that are cut. */
  readonly windows?: Windows;
  readonly block?: ReadonlyMap<number, number>;
  /** Whether the epilogue runs on the registers of a tile, or later on a block of finished sums. */
  readonly inRegisters: boolean;
}

/** Terms summed before the next block of B is packed. */
const K_BLOCK = 512;
/** Columns of B packed at once, and rows of A. */
const COLUMN_BLOCK = 256;
const ROW_BLOCK = 120;
/** Bytes of windows and of sums wanted in a block, and the most of each. */
const NEAR = 2 ** 18;
const MOST_WINDOWS = 2 ** 20;
const MOST_SUMS = 2 ** 22;
/** Units of work wanted, for threads to share. */
const UNITS = 16;
/** Bytes of a line of the cache, and of a page. */
const LINE = 64;
const PAGE = 4096;

/** Plans a kernel whose axes are collapsed. */
export function planContract(kernel: Kernel, target: Target): ContractPlan {
  const body = orient(kernel.body as Contract, kernel.axes);
  const windowed = asWindows(body, kernel.axes);
  const plan = windowed && withWindows(planBlocks(kernel, windowed.body, target, true), windowed.windows);
  return plan ?? planBlocks(kernel, body, target);
}

/** The plan with A read through windows, or undefined if a block of what they lie over is too large. */
function withWindows(plan: ContractPlan, windows: Windows): ContractPlan | undefined {
  const { kernel, body, rows, bytes, kBlock, kBlocks, stripBlock, tile, width } = plan;
  const { axes } = kernel;
  const [first = -1, ...others] = body.m;
  const rest = count(others, axes);
  const isBlocked = windows.blocked.includes(first);
  const blockOf = (indices: number) => new Map([[first, indices], [body.k[0], kBlock]]); // prettier-ignore
  const bytesOf = (indices: number) => layoutOf(windows, blockOf(indices)).size * bytes;
  const sums = rest * stripBlock * tile.vectors * width * bytes;
  let indices = axes[first];
  if (isBlocked) {
    const blocks = Math.max(1, Math.min(Math.ceil(UNITS / 4 / (plan.strips * plan.batches)), Math.floor(rows / 128))); // prettier-ignore
    const most = Math.max(
      1,
      Math.min(Math.ceil(indices / blocks), Math.floor(NEAR / bytesOf(1)), Math.floor(NEAR / sums)),
    );
    const inAll = (each: number) => Math.ceil(indices / each) * each;
    // as equal as can be, for threads
    let each = most;
    for (let fewer = most - 1; 2 * fewer >= most; fewer--) if (inAll(fewer) < inAll(each)) each = fewer;
    indices = each;
  }
  const rowBlock = indices * rest;
  const block = blockOf(indices);
  const isCut = kBlocks > 1 && !windows.blocked.includes(body.k[0]);
  if (isCut || body.dtype !== 'float32' || widthOf(body.epilogue.code) < 4 || indices * sums > MOST_SUMS || layoutOf(windows, block).size * bytes > MOST_WINDOWS) return undefined; // prettier-ignore
  // each part packs B
  const parts = Math.min(UNITS / 2, Math.ceil(rows / rowBlock));
  return {
    ...plan,
    windows,
    block,
    rowBlock,
    rowGroup: rowBlock,
    rowPart: Math.ceil(rows / rowBlock / parts) * rowBlock,
    inRegisters: false,
  };
}

function planBlocks(kernel: Kernel, body: Contract, target: Target, hasWindows = false): ContractPlan {
  const { axes } = kernel;
  const { m, n, k, epilogue, dtype } = body;
  const bytes = deviceBytes(dtype);
  const width = 16 / bytes;
  const [rows, columns, depth, batches] = [m, n, k, body.batch].map((list) => count(list, axes)) as [number, number, number, number]; // prettier-ignore
  const tile = chooseTile(rows, columns, width, target, hasWindows);
  const strips = Math.ceil(columns / (tile.vectors * width));
  const restOfK = count(k.slice(1), axes);
  const kSize = k.length > 0 ? axes[k[0]] : 1;
  const a = direct(body.a, m, k, bytes);
  const directA = a && !isWorthPacking(a.kStep, depth, columns) ? a : undefined;
  const most = a && !directA ? K_BLOCK / 2 : K_BLOCK;
  const kBlocks = depth <= 1.25 * most ? 1 : Math.ceil(kSize / Math.max(1, Math.floor(most / restOfK)));
  const kBlock = Math.ceil(kSize / kBlocks);
  const rowStep = tile.rows * 16;
  const b = direct(body.b, n, k, bytes);
  const directB = b && (b.step === bytes || columns === 1) && !isWorthPacking(b.kStep, kBlock, rows) ? b : undefined;
  const rowBlock = Math.min(Math.ceil(ROW_BLOCK / rowStep) * rowStep, Math.ceil(rows / rowStep) * rowStep);
  // a packed B is packed again for each part of the rows
  const least = Math.max(1, directB ? rowBlock : 4 * rowBlock);
  const parts = Math.max(1, Math.min(Math.ceil(rows / least), Math.ceil(UNITS / (strips * batches))));
  const cost = epilogue.code.reduce((sum, inst) => sum + (inst.op === 'load' ? 1 : costOf(inst.op, inst.dtype)), 0);
  const accesses = [...epilogue.stores.map(({ at }) => at), ...epilogue.code.flatMap((inst) => (inst.op === 'load' ? [inst.at] : []))]; // prettier-ignore
  return {
    kernel,
    body,
    bytes,
    width,
    rows,
    columns,
    depth,
    batches,
    a: directA,
    b: directB,
    tile,
    strips,
    rowBlock,
    rowGroup: kBlocks > 1 && !directB ? Math.min(4 * rowBlock, Math.ceil(rows / rowStep) * rowStep) : rowBlock,
    rowPart: Math.max(1, Math.ceil(rows / parts / rowStep) * rowStep),
    // what is not packed need not be cut, and then A is packed once only
    stripBlock: directB
      ? Math.max(1, strips)
      : Math.max(1, Math.min(strips, Math.floor(COLUMN_BLOCK / (tile.vectors * width)))),
    kBlock,
    kBlocks: depth === 0 ? 1 : kBlocks,
    blockDepth: kBlock * restOfK,
    inRegisters:
      isFlat(m, epilogue, axes) &&
      isFlat(n, epilogue, axes) &&
      cost <= 12 &&
      accesses.every(({ by, bounds }) => !by && !bounds) &&
      (dtype === 'float64' || widthOf(epilogue.code) === 4),
  };
}

/** Whether an epilogue goes through some axes as if they were one, of which the last has the stride. */
function isFlat(list: Ids, { code, stores }: Contract['epilogue'], axes: Ids): boolean {
  const positions = rowMajor(list, axes);
  const last = list[list.length - 1];
  const affines = [
    ...code.flatMap((inst) => (inst.op === 'index' ? [inst.at] : inst.op === 'load' ? [inst.at.index] : [])),
    ...stores.map(({ at }) => at.index),
  ];
  return affines.every(({ stride }) => list.every((axis) => stride[axis] === positions[axis] * stride[last]));
}

/** Puts the axis along which results lie together last, and among n: lanes lie along the last axis of n. */
function orient(body: Contract, axes: Ids): Contract {
  const stores = body.epilogue.stores;
  const stepOf = (axis: number) => Math.abs(stores[0]?.at.index.stride[axis] ?? 0) || Infinity;
  const order = (list: Ids) => [...list].sort((x, y) => stepOf(y) - stepOf(x));
  const [m, n] = [order(body.m), order(body.n)];
  const bytes = deviceBytes(body.dtype);
  const together = (list: Ids) =>
    stores.filter(({ at }) => list.length > 0 && at.index.stride[list[list.length - 1]] === 1).length;
  const contiguous = (operand: Operand, list: Ids) => direct(operand, list, body.k, bytes)?.step === bytes;
  const [rows, columns] = [count(m, axes), count(n, axes)];
  const swap =
    columns === 1 ? contiguous(body.a, m) : rows === 1 ? direct(body.b, n, body.k, bytes) !== undefined && !contiguous(body.b, n) : together(m) > together(n); // prettier-ignore
  return swap ? { ...body, m: n, n: m, a: body.b, b: body.a } : { ...body, m, n };
}

/** An operand that is one plain load over at most one axis of its own and one of k. */
function direct({ code, out }: Operand, own: Ids, k: Ids, bytes: number): Direct | undefined {
  const load = code[out];
  if (load.op !== 'load' || code.length > 1 || load.at.bounds || load.at.by || own.length > 1 || k.length > 1 || load.dtype === 'bool') return undefined; // prettier-ignore
  const along = (list: Ids) => (list.length > 0 ? load.at.index.stride[list[0]] * bytes : 0);
  const [step, kStep] = [along(own), along(k)];
  return step < 0 || kStep < 0 ? undefined : { load, step, kStep };
}

/**
 * Whether elements so many bytes apart, one for each term, had better be packed for as many uses of each. Packing one takes as
 * long as 1.5 uses. It saves a third of all time where each lies at the same place of its page, since the cache then has
 * room for a few of them only, and some of it where that room, or the addresses of pages, do not last for all terms.
 */
function isWorthPacking(step: number, terms: number, uses: number): boolean {
  if (step <= LINE || terms < 16) return false;
  const places = Math.max(1, PAGE / (step & -step));
  const isCrowded = terms > 8 * Math.min(places, PAGE / LINE) || (terms * Math.min(step, PAGE)) / PAGE > 64;
  return (places === 1 ? 0.3 : isCrowded ? 0.03 : 0) * uses > 1.5;
}

/** The tile that takes the fewest instructions, edges included; more than 15 registers at once would not fit. */
function chooseTile(
  rows: number,
  columns: number,
  lanes: number,
  target: Target,
  hasWindows: boolean,
): ContractPlan['tile'] {
  const perSum = target.fusedMultiplyAdd ? 1 : 2;
  // Beside the sums: vectors of B cost more than elements of A (512·512ᵀ: 5 × 8 does 50.0 GFLOP/s, 3 × 12 46.5), and windows
  // have a pointer for each row (the gradient of a weight: 2 × 16 46, 3 × 12 40; with 256 bits 6 × 16 97, 2 × 32 81).
  const perRow = hasWindows && !target.fusedMultiplyAdd ? 3 : 1;
  const perVector = 1.3;
  // a register holds a pair of vectors where there are that many
  const pairs = target.pairsVectors && columns > lanes ? 2 : 1;
  const needed = Math.ceil(columns / (lanes * pairs));
  let best = { rows: 1, vectors: 1 };
  let least = Infinity;
  for (let r = 1; r <= Math.min(rows, 12); r++) {
    for (let v = 1; v <= Math.min(needed, 8); v++) {
      if (r * v + v + perSum > 15) continue;
      // additions to one sum wait for each other: few sums take as long as eight instructions
      const cost = (r: number, v: number) =>
        r * v === 0 ? 0 : Math.max(perSum * r * v, 8) + perRow * r + perVector * v;
      const [fullRows, restRows] = [Math.floor(rows / r), rows % r];
      const [fullColumns, restColumns] = [Math.floor(needed / v), needed % v];
      const total =
        fullRows * fullColumns * cost(r, v) +
        fullRows * cost(r, restColumns) +
        fullColumns * cost(restRows, v) +
        cost(restRows, restColumns);
      if (total < least) {
        least = total;
        best = { rows: r, vectors: v * pairs };
      }
    }
  }
  return best;
}
