import { sizeOf } from '@kindling/core';
import { NeedBuffer, throughMovement } from './indexing.js';
import { AtPositions, type Position, sameDims } from './position.js';
import { refine, type Space } from './space.js';
import type { Value } from './value.js';

/**
 * A piece of a kernel: one iteration space. An elementwise part computes its roots at every index of `shape`; a
 * reduce part has one root and iterates over the shape of the root's input.
 */
export interface Part {
  readonly shape: readonly number[];
  readonly roots: Value[];
  /** The reduction, if the part is one; then it is the only root. */
  readonly reduce: Value | undefined;
  /** For each dimension of `shape` the row axis it is, or −1 where it is the part's own. Undefined: nothing decided. */
  rows: number[] | undefined;
}

/** The dimensions that are not rows. */
export function ownDims(part: Part): number[] {
  return part.shape.flatMap((size, d) => ((part.rows?.[d] ?? -1) < 0 && size !== 1 ? [d] : []));
}

/** What becomes one kernel. */
export class Group {
  parts: Part[] = [];
  /** The contraction that the roots of the only part are made from. */
  contract: Value | undefined;
  /** The scatter that is the only root. */
  scatter: Value | undefined;
  /** The values evaluated inside, roots included. */
  readonly inside = new Set<Value>();

  get roots(): Value[] {
    return this.parts.flatMap((p) => p.roots);
  }
  /** Sizes of the axes that the parts share; undefined for a single elementwise part, all of whose axes are free. */
  get rowShape(): number[] | undefined {
    const [first] = this.parts;
    if (first?.rows === undefined) return undefined;
    const sizes: number[] = [];
    first.rows.forEach((row, d) => {
      if (row >= 0) sizes[row] = first.shape[d]!;
    });
    return sizes;
  }
}

export type Grouping = { readonly groups: readonly Group[]; readonly home: ReadonlyMap<Value, Group> };

/** Scalar instructions that one kernel may hold. */
const nodeLimit = 64;
/** Views of views of a value beyond which there is memory again: they are followed by recursion. */
const viewLimit = 64;
/** What may be computed twice rather than stored: two or three cheap operations. */
const repeatLimit = 4;
const expensive = new Set(['exp', 'log', 'sin', 'cos', 'tanh', 'erf', 'pow', 'div', 'sqrt', 'mod', 'random']);

/**
 * Decides which values are stored (the roots of groups), and which are computed where they are used. Walks from the
 * results to the inputs: a value joins the group of its only user, is repeated where that is cheap, or becomes a root.
 */
export function formGroups(
  values: readonly Value[],
  outputs: ReadonlySet<Value>,
  stored: ReadonlySet<Value>,
  updates: ReadonlySet<Value>,
): Grouping {
  const weights = weigh(values, outputs);
  const used = new Map<Value, Set<Group>>();
  const buffered = new Set<Value>([...outputs, ...stored]);
  const home = new Map<Value, Group>();
  const groups: Group[] = [];
  const usedBy = (v: Value): Set<Group> => {
    let set = used.get(v);
    if (set === undefined) used.set(v, (set = new Set()));
    return set;
  };
  /** Views of a value that must be in memory make the value itself be there. */
  const needBuffer = (v: Value): void => {
    while (v.role === 'movement' && !buffered.has(v)) v = v.inputs[0]!;
    if (v.role !== 'leaf') buffered.add(v);
  };

  const views = new Map<Value, number>();
  for (const v of values)
    if (v.role === 'movement') {
      const behind = ((views.get(v.inputs[0]) ?? 0) + 1) % viewLimit;
      views.set(v, behind);
      if (behind === 0) buffered.add(v);
    }

  /** By how many ways values are used, and whether there is a view on some way from them to what is stored. */
  const ways = new Map<Value, { count: number; moves: boolean }>();
  const addWays = (v: Value, stored: boolean): void => {
    const own = stored ? undefined : ways.get(v);
    const isView = v.role === 'movement';
    const count = (isView && own?.count) || 1;
    const moves = isView || own?.moves === true;
    for (const input of v.inputs) {
      const known = ways.get(input);
      ways.set(input, { count: (known?.count ?? 0) + count, moves: moves || known?.moves === true });
    }
  };

  /** Whether a group would compute a value at several places: what is made of shifted copies of itself grows without end. */
  const isRepeated = (g: Group, v: Value): boolean => {
    const { count, moves } = ways.get(v)!;
    return count > 1 && moves && v.size > 1 && placesIn(g, v) > 1;
  };

  for (let i = values.length - 1; i >= 0; i--) {
    const v = values[i];
    if (v.role === 'leaf') continue;
    let joined = [...usedBy(v)];
    if (v.op === 'after') needBuffer(v.inputs[1]);
    const rooted = buffered.has(v) || v.role === 'reduce' || v.role === 'scatter';
    if (!rooted && v.role === 'movement') {
      addWays(v, false);
      for (const g of joined) {
        usedBy(v.inputs[0]).add(g);
        g.inside.add(v);
      }
      continue;
    }
    let root = rooted;
    if (!root && v.role === 'matmul')
      root = joined.length !== 1 || isUpdate(joined[0], updates) || !takesContraction(joined[0], v);
    else if (!root) {
      root =
        joined.length === 0 || joined.some((g) => g.inside.size >= nodeLimit) ||
        (weights.get(v)! > repeatLimit && (joined.length > 1 || isRepeated(joined[0], v))) ||
        // a small value that many indices share is not worth computing for each, if it takes long
        (weights.get(v)! > repeatLimit && joined.some((g) => spaceOf(g) >= 4 * v.size)); // prettier-ignore
    }
    addWays(v, root);
    if (root) {
      const group = new Group();
      // a scatter runs over what is added, not over where it goes
      const shape = v.role === 'reduce' ? v.inputs[0].shape : v.role === 'scatter' ? v.inputs[1].shape : v.shape;
      const part: Part = { shape, roots: [v], reduce: v.role === 'reduce' ? v : undefined, rows: undefined };
      if (v.role === 'reduce') {
        let row = 0;
        part.rows = shape.map((_, d) => (v.reduced.includes(d) ? -1 : row++));
      }
      group.parts.push(part);
      if (v.role === 'matmul') group.contract = v;
      if (v.role === 'scatter') group.scatter = v;
      groups.push(group);
      home.set(v, group);
      joined = [group];
    } else if (v.role === 'matmul') joined[0].contract = v;
    for (const g of joined) g.inside.add(v);
    if (v.role === 'matmul') v.inputs.forEach(needBuffer);
    else
      v.inputs.forEach((input, k) => {
        // what is looked up is evaluated at the index; not if it takes long, as many may look up the same
        if (v.role === 'gather' && k === 0 && (weights.get(input) ?? 0) > 2 * repeatLimit) needBuffer(input);
        for (const g of joined) usedBy(input).add(g);
      });
  }
  groups.reverse();
  return { groups, home };
}

/**
 * Whether a group updates memory in place. Updates stay elementwise kernels of their own: then those of all parameters
 * are one launch, and the gradients stand in memory, where they can be averaged between machines.
 */
export function isUpdate(g: Group, updates: ReadonlySet<Value>): boolean {
  return g.parts.some((p) => p.roots.some((r) => updates.has(r)));
}

function spaceOf(g: Group): number {
  return Math.max(...g.parts.map((p) => sizeOf(p.shape)));
}

/** The work of computing a value from what is in memory. */
function weigh(values: readonly Value[], outputs: ReadonlySet<Value>): Map<Value, number> {
  const weights = new Map<Value, number>();
  for (const v of values) {
    const inner = v.inputs.reduce((sum, input) => sum + (weights.get(input) ?? 0), 0);
    if (v.role === 'leaf') weights.set(v, 0);
    else if (v.role === 'movement') weights.set(v, inner);
    else if (v.role !== 'elementwise' && v.role !== 'gather') weights.set(v, 1);
    else if (outputs.has(v)) weights.set(v, 1);
    else weights.set(v, Math.min(1000, inner + (expensive.has(v.op) ? 8 : 1)));
  }
  return weights;
}

/** The roots of other groups that a group needs. */
export function valuesFrom(g: Group, home: ReadonlyMap<Value, Group>): Set<Value> {
  const found = new Set<Value>();
  const touch = (v: Value): void => {
    const h = home.get(v);
    if (h !== undefined && h !== g) found.add(v);
    else if (v.role === 'movement') v.inputs.forEach(touch);
  };
  for (const v of g.inside) v.inputs.forEach(touch);
  return found;
}

/** The roots that must be there before a group runs, beside those it loads. */
export function awaited(g: Group, home: ReadonlyMap<Value, Group>): Set<Value> {
  const found = new Set<Value>();
  const seen = new Set<Value>();
  const visit = (v: Value): void => {
    if (seen.has(v)) return;
    seen.add(v);
    if (v.op === 'after') {
      let first = v.inputs[1];
      while (first.role === 'movement' && !home.has(first)) first = first.inputs[0];
      if (home.has(first) && home.get(first) !== g) found.add(first);
    }
    if (v.role === 'movement' && (!home.has(v) || home.get(v) === g)) visit(v.inputs[0]);
  };
  for (const v of g.inside) {
    visit(v);
    v.inputs.forEach(visit);
  }
  return found;
}

/** At how many positions a group needs a value. */
function placesIn(g: Group, v: Value): number {
  try {
    return loadsOf(g, (other) => other === v || !g.inside.has(other)).found.filter(({ value }) => value === v).length;
  } catch (error) {
    if (error instanceof NeedBuffer) return 1; // some view will be in memory
    throw error;
  }
}

/** Whether a product can be computed inside a group, whose roots then are made from its sums. */
function takesContraction(g: Group, product: Value): boolean {
  if (g.contract !== undefined || g.scatter !== undefined || g.parts.length !== 1 || g.parts[0].reduce !== undefined)
    return false;
  try {
    const loads = loadsOf(g, (v) => v === product || !g.inside.has(v));
    const space = loads.space;
    const mine = loads.found.filter((l) => l.value === product);
    const [first] = mine;
    if (first?.position === undefined || first.position.bounds.length > 0) return false;
    const { position } = first;
    return (
      mine.every((l) => l.position !== undefined && sameDims(l.position.dims, position.dims)) &&
      coversOnce(position, product, space.sizes)
    );
  } catch {
    return false;
  }
}

/** Whether the position runs over each element exactly once. */
function coversOnce(at: Position, v: Value, axes: readonly number[]): boolean {
  const free = new Set(axes.flatMap((size, k) => (size === 1 ? [] : [k])));
  for (let d = 0; d < v.shape.length; d++) {
    const dim = at.dims[d];
    if (dim.by !== undefined || dim.base !== 0) return false;
    const mine = dim.stride.flatMap((s, k) => (s !== 0 && axes[k] !== 1 ? [{ s, size: axes[k], k }] : []));
    mine.sort((a, b) => a.s - b.s);
    let expected = 1;
    for (const { s, size, k } of mine) {
      if (s !== expected || !free.delete(k)) return false;
      expected *= size;
    }
    if (expected !== v.shape[d]) return false;
  }
  return free.size === 0;
}

export interface Found {
  readonly value: Value;
  readonly part: number;
  /** Undefined for a view of memory that only its flat positions describe. */
  readonly position: Position | undefined;
}

export interface Loads {
  readonly space: Space;
  readonly found: readonly Found[];
}

/** Every place where a group's parts meet a value for which `stop` holds, without making code. */
export function loadsOf(g: Group, stop: (v: Value) => boolean): Loads {
  return refine(g, (space) => ({ space, found: loadsIn(space, g, stop) }));
}

/** `loadsOf` with these axes: throws where they must be split. */
export function loadsIn(space: Space, g: Group, stop: (v: Value) => boolean): Found[] {
  const found: Found[] = [];
  g.parts.forEach((part, p) => {
    const seen = new AtPositions<true>();
    const visit = (v: Value, at: Position, isRoot: boolean): void => {
      if (seen.get(v, at)) return;
      seen.set(v, at, true);
      if (v.role === 'leaf' && v.op !== 'input') return;
      if (!isRoot && (v.role === 'leaf' || stop(v))) found.push({ value: v, part: p, position: at });
      else if (v.role === 'movement') {
        if (numberBehind(v) !== undefined) return;
        const source = v.inputs[0];
        const inMemory = source.op === 'input' || stop(source);
        const inner = throughView(v, at, space.sizes, inMemory);
        if (inner === undefined) found.push({ value: source, part: p, position: undefined });
        else visit(source, inner, false);
      } else if (v.role === 'gather') {
        visit(v.inputs[1], at, false);
        visit(v.inputs[0], lookedUp(v, at, 0), false);
      } else if (v.role === 'elementwise')
        for (let i = 0; i < v.inputs.length; i++) visit(v.inputs[i], operandPosition(v, v.inputs[i], at), false);
      else found.push({ value: v, part: p, position: at });
    };
    const start = space.start(p);
    if (g.scatter !== undefined) for (const input of g.scatter.inputs.slice(1)) visit(input, start, false);
    else {
      // what a reduction's loop stores on the way loads, too
      for (const root of part.roots) if (root !== part.reduce) visit(root, start, true);
      if (part.reduce !== undefined) visit(part.reduce.inputs[0], start, false);
    }
  });
  return found;
}

/** The position in a view's source; undefined where the source is in memory and only the flat position is known. */
export function throughView(v: Value, at: Position, axes: readonly number[], inMemory: boolean): Position | undefined {
  try {
    return throughMovement(v, at, axes);
  } catch (error) {
    if (inMemory && v.op === 'reshape' && error instanceof NeedBuffer) return undefined;
    throw error;
  }
}

/** The number leaf that a value is everywhere, if it is. */
export function numberBehind(v: Value): Value | undefined {
  while (v.role === 'movement' && v.op !== 'pad') v = v.inputs[0]!;
  return v.op === 'const' || v.op === 'scalar' ? v : undefined;
}

/** Number leaves have no dimensions; all other operands are as large as the result. */
export function operandPosition(v: Value, operand: Value, at: Position): Position {
  return operand.shape.length === v.shape.length ? at : { dims: [], bounds: at.bounds };
}

/** The position in a gather's data; `index` is the instruction of the index. */
export function lookedUp(v: Value, at: Position, index: number): Position {
  const dim = v.attribute as number;
  const limit = v.inputs[0].shape[dim];
  return {
    dims: at.dims.map((d, i) =>
      i === dim ? { base: 0, stride: d.stride.map(() => 0), by: [{ value: index, stride: 1, limit }] } : d,
    ),
    bounds: at.bounds,
  };
}
