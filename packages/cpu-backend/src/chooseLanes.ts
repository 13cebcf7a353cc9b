import { type Access, type Affine, type Block, count, type Ids, type Inst, type Loops } from '@kindling/compiler';
import { operandsOf } from './body.js';
import { costOf } from './instructions.js';

/** Where the lanes of a kernel lie: along one outer axis, or in each block along an inner axis of its own. */
export interface LanesChoice {
  /** −1: along the inner axes. */
  readonly outer: number;
  /** Per block; −1 for none. */
  readonly inner: Ids;
  /** About how many vector instructions one index of the outer axes takes. */
  readonly cost: number;
}

/** By an estimate of the time, since contiguous accesses decide it. */
export function chooseLanes({ outer, blocks }: Loops, sizes: Ids, width: number): LanesChoice {
  const cost = (block: Block, axis: number): number => {
    const size = axis < 0 ? 1 : sizes[axis];
    const useful = size / Math.ceil(size / width);
    const reducing =
      axis >= 0 && block.inner.includes(axis) ? (6 * block.reduces.length) / count(block.inner, sizes) : 0;
    return count(block.inner, sizes) * (costOfBlock(block, axis, width) / useful + reducing);
  };
  const best = (axes: Ids, of: (axis: number) => number) => axes.reduce((a, b) => (a < 0 || of(b) < of(a) ? b : a), -1);
  const inner = blocks.map((block) => best(block.inner, (axis) => cost(block, axis)));
  const total = (axis: number) => blocks.reduce((sum, block) => sum + cost(block, axis), 0);
  const along = best(outer, total);
  const innerTotal = blocks.reduce((sum, block, b) => sum + cost(block, inner[b]), 0);
  return along >= 0 && total(along) <= innerTotal
    ? { outer: along, inner: blocks.map(() => along), cost: total(along) }
    : { outer: -1, inner, cost: innerTotal };
}

/** About how many instructions one vector takes, of one lane if there is no axis. */
export function costOfBlock({ code, stores, reduces, inner }: Block, axis: number, width: number): number {
  // what does not change within the block's own loops is computed before them; without any, and without lanes, it all is
  // computed at every index
  const moves: boolean[] = [];
  const own = [axis, ...inner].filter((a) => a >= 0);
  const follows = ({ stride }: Affine) => (own.length > 0 ? own.some((a) => stride[a] !== 0) : stride.some(Boolean));
  code.forEach((inst, i) => {
    const varies =
      inst.op === 'index'
        ? follows(inst.at)
        : inst.op === 'load' && [inst.at.index, ...(inst.at.bounds ?? []).map(({ at }) => at)].some(follows);
    moves[i] = varies || operandsOf(inst).some((id) => moves[id]);
  });
  const accessCost = ({ index, by = [], bounds = [] }: Access, isLoad: boolean): number => {
    const stride = axis < 0 ? 1 : index.stride[axis];
    // of every second one two vectors are loaded
    const own = stride === 1 || stride === 0 ? 1 : stride === 1 / 2 ? 2 : stride === 2 && width === 4 && isLoad ? 3 : 1.5 * width; // prettier-ignore
    return own + by.length * width + 2 * bounds.length;
  };
  const instCost = (inst: Inst) => (inst.op === 'load' ? accessCost(inst.at, true) : costOf(inst.op, inst.dtype));
  return (
    code.reduce((sum, inst, i) => sum + (moves[i] ? instCost(inst) : 0), 0) +
    stores.reduce((sum, { at, mode }) => sum + accessCost(at, false) * (mode === 'add' ? 3 : 1.2), 0) +
    2 * reduces.length
  );
}
