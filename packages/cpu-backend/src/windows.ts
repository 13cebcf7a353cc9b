import { type Access, type Affine, type Contract, count, type Ids, type Inst, type Operand } from '@kindling/compiler';

/** One dimension of what windows lie over. */
export interface Dimension {
  /** The place for each axis of the kernel: `first` + Σ stride·axis. */
  readonly stride: Ids;
  readonly first: number;
  readonly extent: number;
  /** The places that are in the array; the others are 0. */
  readonly from: number;
  readonly to: number;
  /** Elements of the array from one place to the next. */
  readonly source: number;
}

/**
 * An operand whose element is found at the sum of an offset for the row and one for the term: windows over an array. It
 * is read from a copy of what a block of them lies over, with zeros around it, and need not be packed.
 */
export interface Windows {
  readonly load: Inst & { op: 'load' };
  /** Outermost first. */
  readonly dimensions: readonly Dimension[];
  /** Axes whose range a block restricts: the first of the rows and of the terms, where they have a dimension each. */
  readonly blocked: Ids;
}

/** A contraction with windows as its first operand, if that saves packing them. */
export function asWindows(body: Contract, axes: Ids): { body: Contract; windows: Windows } | undefined {
  for (const swap of [false, true]) {
    const [own, other, operand, partner] = swap ? [body.n, body.m, body.b, body.a] : [body.m, body.n, body.a, body.b];
    if (other.length === 0) continue;
    // what the other operand does not depend on is more rows
    const moved = body.batch.filter((axis) => !depends(partner, axis));
    const batch = body.batch.filter((axis) => depends(partner, axis));
    const step = (axis: number) => Math.abs(body.epilogue.stores[0]?.at.index.stride[axis] ?? 0) || Infinity;
    const m = [...moved, ...own].sort((x, y) => step(y) - step(x));
    const windows = windowsOf(operand, m, body.k, batch, axes);
    if (!windows) continue;
    const [rows, columns, depth] = [count(m, axes), count(other, axes), count(body.k, axes)];
    // elements packed: the partner and the results, or the windows
    if (columns < 8 || columns * (depth + rows) > rows * depth) continue;
    return { body: { ...body, batch, m, n: other, a: operand, b: partner }, windows };
  }
  return undefined;
}

function depends({ code }: Operand, axis: number): boolean {
  const follows = ({ stride }: Affine) => stride[axis] !== 0;
  const access = ({ index, bounds = [] }: Access) => follows(index) || bounds.some(({ at }) => follows(at));
  return code.some((inst) => (inst.op === 'load' ? access(inst.at) : inst.op === 'index' && follows(inst.at)));
}

function windowsOf({ code, out }: Operand, own: Ids, k: Ids, batch: Ids, axes: Ids): Windows | undefined {
  const load = code[out];
  if (code.length > 1 || load.op !== 'load' || load.dtype !== 'float32' || !load.at.bounds || load.at.by) return undefined; // prettier-ignore
  const { index, bounds } = load.at;
  const inner = [...own, ...k];
  const taken = new Set<number>();
  const dimensions: Dimension[] = [];
  for (const { at, lo, hi } of bounds) {
    const along = inner.filter((axis) => at.stride[axis] !== 0);
    if (along.length === 0 || along.some((axis) => taken.has(axis)) || batch.some((axis) => at.stride[axis] !== 0)) return undefined; // prettier-ignore
    const source = index.stride[along[0]] / at.stride[along[0]];
    if (!(source > 0) || along.some((axis) => index.stride[axis] !== source * at.stride[axis])) return undefined;
    for (const axis of along) taken.add(axis);
    const reach = (sign: number) =>
      along.reduce((sum, axis) => sum + Math.max(0, sign * at.stride[axis]) * (axes[axis] - 1) * sign, at.base);
    const [least, greatest] = [reach(-1), reach(1)];
    const extent = greatest - least + 1;
    const within = (place: number) => Math.min(extent, Math.max(0, place - least));
    dimensions.push({ stride: at.stride, first: at.base - least, extent, from: within(lo), to: within(hi), source });
  }
  for (const axis of inner) {
    const source = index.stride[axis];
    if (taken.has(axis) || source === 0) continue;
    if (source < 0) return undefined;
    const [extent, stride] = [axes[axis], axes.map((_, a) => Number(a === axis))];
    dimensions.push({ stride, first: 0, extent, from: 0, to: extent, source });
  }
  dimensions.sort((a, b) => b.source - a.source);
  const blocked = [own[0], k[0]].filter((axis) => axis !== undefined && !taken.has(axis) && index.stride[axis] > 0);
  return { load, dimensions, blocked };
}

/** Elements from one place to the next in a copy of a block, dimension by dimension, and how many they are in all. */
export function layoutOf(windows: Windows, block: ReadonlyMap<number, number>): { steps: number[]; size: number } {
  let size = 1;
  const steps = windows.dimensions
    .map(({ stride, extent }) => {
      const axis = windows.blocked.find((blocked) => stride[blocked] !== 0);
      return axis === undefined ? extent : (block.get(axis) ?? extent);
    })
    .reduceRight<number[]>((list, extent) => {
      list.unshift(size);
      size *= extent;
      return list;
    }, []);
  return { steps, size };
}
