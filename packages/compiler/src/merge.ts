import { sizeOf } from '@kindling/core';
import { type Found, Group, type Grouping, isUpdate, type Loads, loadsOf, ownDims, type Part, valuesFrom } from './group.js'; // prettier-ignore
import { NeedBuffer, plainAxis } from './indexing.js';
import { sameDims } from './position.js';
import type { Space } from './space.js';
import type { Value } from './value.js';

/** Pieces of one kernel, and values it holds, beyond which it gets no larger. */
const partLimit = 8;
const insideLimit = 160;
/** Places it loads from beyond which it does not: parts that use shifted copies of each other multiply them. */
const loadLimit = 256;

/**
 * Makes one kernel of groups that pass each other values at the same index (several results of one loop) or along the
 * same rows (softmax, normalisation, cross-entropy with gradient).
 */
export function mergeGroups({ groups, home }: Grouping, updates: ReadonlySet<Value>, maxBindings: number): Grouping {
  const order = new Map<Group, number>();
  groups.forEach((g, i) => order.set(g, i));
  const homes = new Map(home);
  const alive = new Set(groups);
  const analyses = new Map<Group, Loads>();
  // within a group, values of its own parts are followed to their inputs, those of others are loads
  const analyse = (g: Group): Loads => {
    let a = analyses.get(g);
    if (a === undefined) analyses.set(g, (a = loadsOf(g, (v) => homes.has(v) && homes.get(v) !== g)));
    return a;
  };
  const producers = new Producers(homes);

  for (const consumer of groups) {
    if (consumer.scatter !== undefined) continue;
    let changed = true;
    while (changed) {
      changed = false;
      const candidates = [...producers.of(consumer)].sort((a, b) => order.get(b)! - order.get(a)!);
      for (const producer of candidates) {
        if (producer.scatter !== undefined) continue;
        if (!mayShareSpace(producer, consumer) && !mayShareRows(producer, consumer)) continue;
        if (isUpdate(consumer, updates) && !isPlain(producer)) continue;
        if (producer.inside.size + consumer.inside.size > insideLimit) continue;
        if (producers.detour(producer, consumer)) continue;
        const merged =
          joinSameSpace(producer, consumer, analyse(consumer)) ?? joinRows(producer, consumer, analyse(consumer));
        const loads = merged && loadsOfMerged(merged, homes);
        if (merged === undefined || loads === undefined || buffersOf(merged, loads) > maxBindings) continue;
        // the consumer keeps its identity and its place
        consumer.parts = merged.parts;
        consumer.contract = merged.contract;
        for (const v of producer.inside) consumer.inside.add(v);
        producers.merged(producer, consumer);
        for (const root of producer.roots) homes.set(root, consumer);
        alive.delete(producer);
        analyses.delete(producer);
        analyses.set(consumer, loads);
        changed = true;
        break;
      }
    }
  }
  const left = groups.filter((g) => alive.has(g));
  for (const g of left) joinParts(g, (v) => homes.has(v) && homes.get(v) !== g);
  return { groups: left, home: homes };
}

/** A reduction along the rows that an earlier part makes does its loop with it: it is made, stored and summed at once. */
function joinParts(g: Group, outside: (v: Value) => boolean): void {
  for (let q = 1; q < g.parts.length; q++) {
    const target = g.parts[q];
    if (target.reduce === undefined) continue;
    for (let p = q - 1; p >= 0; p--) {
      const source = g.parts[p];
      if (source.reduce !== undefined || ownDims(source).length === 0) continue;
      if (JSON.stringify([source.shape, source.rows]) !== JSON.stringify([target.shape, target.rows])) continue;
      const { found, space } = loadsOf(g, (v) => source.roots.includes(v) || outside(v));
      const mine = found.filter((f) => f.part !== p && source.roots.includes(f.value));
      const between = mine.some((f) => f.part > p && f.part < q);
      const here = mine.filter((f) => f.part === q);
      if (between || here.length === 0 || !here.every((f) => isOwnIndex(f, target, space))) continue;
      g.parts[q] = { ...target, roots: [...source.roots, ...target.roots] };
      g.parts.splice(p, 1);
      q -= 1;
      break;
    }
  }
}

/** Who makes what groups need: asked again and again while they merge. */
class Producers {
  readonly #needed = new Map<Group, ReadonlySet<Value>>();

  constructor(private readonly homes: ReadonlyMap<Value, Group>) {}

  of(g: Group): Set<Group> {
    const out = new Set<Group>();
    for (const v of this.#neededBy(g)) out.add(this.homes.get(v)!);
    out.delete(g);
    return out;
  }

  /** `consumer` takes in `producer`. */
  merged(producer: Group, consumer: Group): void {
    this.#needed.set(consumer, new Set([...this.#neededBy(producer), ...this.#neededBy(consumer)]));
  }

  /** Whether `from` is needed for `to` other than directly. Groups count, not values: a kernel needs all that it reads. */
  detour(from: Group, to: Group): boolean {
    const seen = new Set<Group>([from, to]);
    const stack = [to];
    for (;;) {
      const g = stack.pop();
      if (g === undefined) return false;
      for (const v of this.#neededBy(g)) {
        const producer = this.homes.get(v)!;
        if (producer === from && g !== to) return true;
        if (seen.has(producer)) continue;
        seen.add(producer);
        stack.push(producer);
      }
    }
  }

  #neededBy(g: Group): ReadonlySet<Value> {
    let needed = this.#needed.get(g);
    if (needed === undefined) this.#needed.set(g, (needed = valuesFrom(g, this.homes)));
    return needed;
  }
}

/** What a merged group would load; undefined if that is too much, or its views do not work out without memory in between. */
function loadsOfMerged(g: Group, homes: ReadonlyMap<Value, Group>): Loads | undefined {
  try {
    const loads = loadsOf(g, (v) => homes.has(v) && !g.inside.has(v));
    return loads.found.length > loadLimit ? undefined : loads;
  } catch (error) {
    if (error instanceof NeedBuffer) return undefined;
    throw error;
  }
}

function buffersOf(g: Group, { found }: Loads): number {
  return new Set(found.map((f) => f.value)).size + g.roots.length + 1;
}

function isSinglePart(g: Group): boolean {
  return g.parts.length === 1 && g.parts[0].reduce === undefined && g.parts[0].rows === undefined;
}
function isPlain(g: Group): boolean {
  return g.contract === undefined && isSinglePart(g);
}

function merged(parts: Part[], a: Group, b: Group): Group {
  const g = new Group();
  g.parts = parts;
  g.contract = a.contract ?? b.contract;
  for (const v of [...a.inside, ...b.inside]) g.inside.add(v);
  return g;
}

/** Whether the position is the part's own index. */
function isOwnIndex(f: Found, part: Part, space: Space): boolean {
  const { position, value } = f;
  if (position === undefined || position.bounds.length > 0 || value.shape.length !== part.shape.length) return false;
  return sameDims(position.dims, space.start(f.part).dims);
}

function mayShareSpace(producer: Group, consumer: Group): boolean {
  if (!isSinglePart(producer) || consumer.contract !== undefined) return false;
  return producer.contract === undefined || isPlain(consumer);
}

/** One loop for both: the consumer uses the producer's values at the index where they are made. */
function joinSameSpace(producer: Group, consumer: Group, { found, space }: Loads): Group | undefined {
  if (!mayShareSpace(producer, consumer)) return undefined;
  const [source] = producer.parts as [Part];
  const mine = found.filter((f) => source.roots.includes(f.value));
  if (mine.length === 0) return undefined;
  const first = Math.min(...mine.map((f) => f.part));
  const target = consumer.parts[first];
  if (target.shape.length !== source.shape.length || target.shape.some((n, d) => n !== source.shape[d]))
    return undefined;
  // a reduction's own index is where its input is read; later parts read what was stored, along their rows
  if (!mine.every((f) => f.part === first && isOwnIndex(f, consumer.parts[f.part], space))) return undefined;
  const parts = consumer.parts.map((p, i) => (i === first ? { ...p, roots: [...source.roots, ...p.roots] } : p));
  return merged(parts, producer, consumer);
}

function mayShareRows(producer: Group, consumer: Group): boolean {
  if (producer.contract !== undefined || consumer.contract !== undefined) return false;
  return producer.parts.length + consumer.parts.length <= partLimit;
}

/** The producer's rows are the consumer's rows: its parts come first, and pass on what they have found of each row. */
function joinRows(producer: Group, consumer: Group, { found, space }: Loads): Group | undefined {
  if (!mayShareRows(producer, consumer)) return undefined;
  // a producer without rows is one value a row
  const producerParts = isPlain(producer)
    ? [{ ...producer.parts[0], rows: producer.parts[0].shape.map((_, d) => d) }]
    : producer.parts;
  const rowCount = Math.max(0, ...producerParts.flatMap((p) => p.rows!.map((r) => r + 1)));
  const rowSizes: number[] = [];
  producerParts.forEach((p) => p.rows!.forEach((r, d) => r >= 0 && (rowSizes[r] = p.shape[d]!)));
  const mine = found.filter((f) => producerParts.some((p) => p.roots.includes(f.value)));
  if (mine.length === 0) return undefined;

  // for each part of the consumer: the dimension that is row r of the producer
  const matches = consumer.parts.map(() => new Array<number>(rowCount).fill(-1));
  for (const f of mine) {
    if (f.position === undefined) return undefined;
    const source = producerParts.find((p) => p.roots.includes(f.value))!;
    // dimensions of the root: for a reduction those that are left; what is stored on the way to it has all
    const { reduce } = source;
    const dims = source.shape.flatMap((_, d) => (f.value === reduce && reduce.reduced.includes(d) ? [] : [d]));
    const isRowValue = dims.every((d) => source.rows![d] >= 0);
    if (isRowValue && f.position.bounds.length > 0) return undefined;
    const target = consumer.parts[f.part];
    for (let i = 0; i < dims.length; i++) {
      const row = source.rows![dims[i]];
      if (row < 0 || rowSizes[row] === 1) continue;
      if (f.position.bounds.length > 0) return undefined;
      const axis = plainAxis(f.position.dims[i], space.sizes);
      const d = target.shape.findIndex((_, e) => {
        const axes = space.axesOfDim(f.part, e);
        return axes.length === 1 && axes[0] === axis;
      });
      if (axis === undefined || d < 0 || target.shape[d] !== rowSizes[row]) return undefined;
      const known = matches[f.part][row];
      if (known >= 0 && known !== d) return undefined;
      matches[f.part][row] = d;
    }
  }

  const consumerRows = consumer.rowShape;
  // which row of the consumer is row r of the producer
  const rowMap = new Array<number>(rowCount).fill(-1);
  if (consumerRows !== undefined) {
    for (let p = 0; p < consumer.parts.length; p++)
      for (let r = 0; r < rowCount; r++) {
        const d = matches[p][r];
        if (d < 0) continue;
        const row = consumer.parts[p].rows![d];
        if (row < 0 || (rowMap[r] >= 0 && rowMap[r] !== row)) return undefined;
        rowMap[r] = row;
      }
    // all rows of both must be the same rows
    for (let r = 0; r < rowCount; r++) if (rowSizes[r] !== 1 && rowMap[r] < 0) return undefined;
    const taken = new Set(rowMap.filter((r) => r >= 0));
    if (consumerRows.some((size, r) => size !== 1 && !taken.has(r))) return undefined;
  } else {
    const [match] = matches as [number[]];
    for (let r = 0; r < rowCount; r++) if (rowSizes[r] !== 1 && match[r] < 0) return undefined;
  }
  const rows = sizeOf(rowSizes.length > 0 ? rowSizes.filter((n) => n !== undefined) : []);
  const longest = Math.max(...consumer.parts.map((p) => sizeOf(p.shape)));
  // few long rows are better as kernels of their own, which can be divided
  if (rows < 8 && longest / Math.max(1, rows) > 16384 && !consumer.parts.every((p) => sizeOf(p.shape) <= rows))
    return undefined;

  // rows of size 1 have no partner and become the part's own dimension
  const keptRows = rowSizes.flatMap((size, r) => (size === 1 ? [] : [r]));
  const renumber = (rowsOfPart: readonly number[]): number[] => rowsOfPart.map((r) => keptRows.indexOf(r));
  const parts: Part[] = [
    ...producerParts.map((p) => ({ ...p, rows: renumber(p.rows!) })),
    ...consumer.parts.map((p, i) => {
      const of =
        consumerRows !== undefined
          ? p.rows!.map((row) => (row < 0 || consumerRows[row] === 1 ? -1 : rowMap.indexOf(row)))
          : p.shape.map((_, d) => matches[i].indexOf(d));
      return { ...p, rows: renumber(of) };
    }),
  ];
  // rows that are neighbours in memory make every step along them a jump: only for what fits a near cache
  const jumps = (p: Part): boolean => {
    let last = p.shape.length - 1;
    while (last >= 0 && p.shape[last] === 1) last -= 1;
    return last >= 0 && p.rows![last] >= 0 && ownDims(p).length > 0 && sizeOf(p.shape) > 16384;
  };
  return parts.some(jumps) ? undefined : merged(parts, producer, consumer);
}
