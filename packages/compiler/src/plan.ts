import { deviceBytes, type Graph, KindlingError, showShape } from '@kindling/core';
import { asSegmented } from './asSegmented.js';
import { collapseAxes } from './collapseAxes.js';
import { awaited, formGroups, type Group, valuesFrom } from './group.js';
import { NeedBuffer } from './indexing.js';
import type { Kernel } from './ir.js';
import { kernelKey } from './kernelKey.js';
import { type Binding, type Lowered, lowerGroup, NeedCopy } from './lower.js';
import { mergeGroups } from './merge.js';
import { type Life, shareMemory } from './shareMemory.js';
import { tooWide } from './tooWide.js';
import { behind, simplify, Value } from './value.js';

/** Where a kernel's buffer lives when the program runs. */
export type Place =
  | { readonly kind: 'input'; readonly slot: number }
  /** The memory given for an output. */
  | { readonly kind: 'output'; readonly slot: number }
  /** A piece of workspace. */
  | { readonly kind: 'work'; readonly slot: number }
  | { readonly kind: 'fault' };

/** One launch of a kernel, over one or more segments. */
export interface Step {
  readonly kernel: Kernel;
  readonly segments: readonly {
    readonly places: readonly Place[];
    /** Elements, for a segmented kernel. */
    readonly length: number;
    readonly scalarSlots: readonly number[];
  }[];
}

export interface Plan {
  readonly steps: readonly Step[];
  /** Bytes of each piece of workspace. */
  readonly work: readonly number[];
  /** For each output of the graph that goes to the host: where it is, and how many elements. */
  readonly results: readonly (Place | undefined)[];
  /** Where the workspace is that inputs of host data are uploaded to; undefined for inputs in memory. */
  readonly uploads: readonly (number | undefined)[];
  readonly hasFaults: boolean;
}

export interface PlanLimits {
  readonly maxBindings: number;
  readonly maxBufferBytes: number;
  /** Host results in memory of their own rather than in workspace: for devices that read later. */
  readonly separateResults: boolean;
}

/** Turns a graph into kernels, their order, and their memory. */
export function planGraph(graph: Graph, limits: PlanLimits): Plan {
  const stored = new Set<Value>();
  const copied = new Set<number>();
  const simplified = simplify(graph);
  const roots = outputRoots(graph, simplified.values, simplified.outputs, limits);
  for (;;) {
    const needs: Need[] = [];
    const plan = noting(needs, () => attemptPlan(graph, roots, stored, copied, limits, needs));
    if (plan !== undefined) return plan;
    const known = stored.size + copied.size;
    for (const need of needs)
      if (need instanceof NeedBuffer) stored.add(need.value);
      else copied.add(need.value.id);
    if (stored.size + copied.size === known) throw needs[0];
  }
}

type Need = NeedBuffer | NeedCopy;

/** Runs `body`; where it fails for a need, notes it and gives undefined. */
function noting<T>(needs: Need[], body: () => T): T | undefined {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof NeedBuffer || error instanceof NeedCopy)) throw error;
    needs.push(error);
    return undefined;
  }
}

interface Roots {
  readonly values: readonly Value[];
  /** For each output the value stored for it. */
  readonly of: readonly Value[];
}

/** Each output as a value that some kernel stores; each memory, those of separate results included, has its own. */
function outputRoots(
  graph: Graph,
  values: readonly Value[],
  outputs: readonly Value[],
  { separateResults }: PlanLimits,
): Roots {
  const all = [...values];
  const taken = new Set<Value>();
  const of = outputs.map((v, j) => {
    let root = v;
    while (root.op === 'reshape') root = root.inputs[0]!; // the same elements in the same order
    const own = separateResults || graph.outputs[j].to === 'memory';
    const needsCopy = root.role === 'leaf' || (own && taken.has(root));
    if (needsCopy) {
      root = new Value(
        all.length === 0 ? 0 : all[all.length - 1].id + 1,
        'identity',
        [root],
        root.shape,
        root.dtype,
        undefined,
      );
      all.push(root);
    }
    if (own) taken.add(root);
    return root;
  });
  return { values: behind(of, all), of }; // a reshape that only an output was is nobody's now
}

/** A plan; undefined where `needs` says why it must be tried again. */
function attemptPlan(
  graph: Graph,
  roots: Roots,
  stored: ReadonlySet<Value>,
  copied: ReadonlySet<number>,
  limits: PlanLimits,
  needs: Need[],
): Plan | undefined {
  // prettier-ignore
  const outputs = new Set(roots.of);
  const inputBySlot = new Map<number, Value>();
  for (const v of roots.values) if (v.op === 'input') inputBySlot.set(v.slot, v);
  // which memory each root is written to
  const memoryOf = new Map<Value, number>();
  const over = new Map<Value, Value>();
  graph.outputs.forEach((o, j) => {
    const root = roots.of[j];
    if (o.to !== 'memory' || copied.has(root.id)) return;
    memoryOf.set(root, j);
    const input = o.over === undefined ? undefined : inputBySlot.get(o.over);
    if (input !== undefined) over.set(root, input);
  });
  const updates = new Set(over.keys());
  const formed = formGroups(roots.values, outputs, stored, updates);
  const { groups, home } = mergeGroups(formed, updates, limits.maxBindings);

  const usedOutside = new Set(groups.flatMap((g) => [...valuesFrom(g, home)]));
  const needed = (v: Value): boolean => outputs.has(v) || stored.has(v) || usedOutside.has(v);
  const lowered: Lowered[][] = [];
  for (const g of groups) {
    const kernels = g.roots.every((r) => r.size === 0)
      ? []
      : noting(needs, () => lowerGroup(g, { home, needed, over }));
    const widest = Math.max(0, ...(kernels ?? []).map((l) => l.bindings.length));
    if (widest > limits.maxBindings) {
      const split = tooWide(g, limits.maxBindings);
      if (split.length === 0)
        throw new KindlingError(`a kernel needs ${widest} buffers, and the device binds ${limits.maxBindings}`);
      needs.push(...split.map((v) => new NeedBuffer(v)));
    } else if (kernels !== undefined) lowered.push(kernels);
  }
  if (lowered.length < groups.length) return undefined;

  const order = orderGroups(groups, lowered, home, over);
  const launches = makeLaunches(order.sequence, lowered, order.edges);

  // memory
  const places = new Map<Value, Place>();
  for (const [root, j] of memoryOf) places.set(root, { kind: 'output', slot: j });
  for (const [slot, v] of inputBySlot) places.set(v, { kind: 'input', slot });
  for (const [root, input] of over) places.set(root, places.get(input)!);
  const copies = graph.outputs.flatMap((o, j) => (o.to === 'memory' && copied.has(roots.of[j].id) ? [j] : []));
  const work = planMemory(launches, places, graph, roots, copies, limits);

  const placeOf = (b: Binding): Place => (b === 'fault' ? { kind: 'fault' } : places.get(b)!);
  const steps: Step[] = launches.map(({ kernel, segments }) => ({
    kernel,
    segments: segments.map((s) => ({ places: s.bindings.map(placeOf), length: s.length, scalarSlots: s.scalarSlots })),
  }));
  for (const j of copies) {
    const root = roots.of[j];
    if (root.size > 0) steps.push(copyStep(root, places.get(root)!, { kind: 'output', slot: j }));
  }
  return {
    steps,
    work: work.sizes,
    results: graph.outputs.map((o, j) => (o.to === 'host' ? places.get(roots.of[j]) : undefined)),
    uploads: work.uploads,
    hasFaults: lowered.some((list) => list.some((l) => l.bindings.includes('fault'))),
  };
}

/** The order of the groups: as the program has it, and reads of what is overwritten come first. */
function orderGroups(
  groups: readonly Group[],
  lowered: readonly (readonly Lowered[])[],
  home: ReadonlyMap<Value, Group>,
  over: ReadonlyMap<Value, Value>,
): { sequence: number[]; edges: Set<number>[] } {
  const index = new Map<Group, number>();
  groups.forEach((g, i) => index.set(g, i));
  const edges = groups.map(() => new Set<number>()); // to those that must come later
  const readers = new Map<Value, number[]>();
  lowered.forEach((list, i) => {
    for (const l of list)
      for (const v of l.reads) {
        readers.set(v, [...(readers.get(v) ?? []), i]);
        const h = home.get(v);
        if (h !== undefined && index.get(h) !== i) edges[index.get(h)!].add(i);
      }
  });
  groups.forEach((g, i) => {
    for (const v of awaited(g, home)) edges[index.get(home.get(v)!)!].add(i);
  });
  const reaches = (from: number, to: number): boolean => {
    const seen = new Set<number>();
    const stack = [from];
    while (stack.length > 0) {
      const i = stack.pop()!;
      if (i === to) return true;
      if (!seen.has(i)) {
        seen.add(i);
        stack.push(...edges[i]);
      }
    }
    return false;
  };
  for (const [root, input] of over) {
    const writer = index.get(home.get(root)!)!;
    for (const reader of readers.get(input) ?? []) {
      if (reader === writer) continue;
      if (reaches(writer, reader)) throw new NeedCopy(root);
      edges[reader].add(writer);
    }
  }
  return { sequence: topological(groups.length, edges, (i) => i), edges };
}

/** A topological order that keeps close to `priority`. */
function topological(count: number, edges: readonly ReadonlySet<number>[], priority: (i: number) => number): number[] {
  const incoming = new Array<number>(count).fill(0);
  for (const targets of edges) for (const t of targets) incoming[t] += 1;
  const ready = incoming.flatMap((n, i) => (n === 0 ? [i] : []));
  const out: number[] = [];
  while (ready.length > 0) {
    let best = 0;
    for (let k = 1; k < ready.length; k++) if (priority(ready[k]) < priority(ready[best])) best = k;
    const [i] = ready.splice(best, 1) as [number];
    out.push(i);
    for (const t of edges[i]) if (--incoming[t] === 0) ready.push(t);
  }
  if (out.length !== count) throw new Error('the schedule has a cycle');
  return out;
}

interface Segment {
  readonly bindings: readonly Binding[];
  readonly length: number;
  readonly scalarSlots: readonly number[];
}
interface Draft {
  readonly kernel: Kernel;
  readonly segments: Segment[];
}

/** Equal elementwise kernels that nothing lies between become one launch: all parameters of a model in one update. */
function makeLaunches(
  sequence: readonly number[],
  lowered: readonly (readonly Lowered[])[],
  edges: readonly ReadonlySet<number>[],
): Draft[] {
  // prettier-ignore
  // how far from the end: groups at one height never wait for each other
  const height = new Array<number>(lowered.length).fill(0);
  for (const i of [...sequence].reverse()) for (const t of edges[i]) height[i] = Math.max(height[i], height[t] + 1);
  const drafts: { members: number[]; launches: Draft[] }[] = [];
  const clusters = new Map<string, number>();
  const clusterOf = new Array<number>(lowered.length);
  for (const i of sequence) {
    const launches: Draft[] = lowered[i].map((l) => {
      const kernel = collapseAxes(l.kernel);
      const segmented = asSegmented(kernel);
      const segment = { bindings: l.bindings, length: segmented?.length ?? 0, scalarSlots: l.scalarSlots };
      return { kernel: segmented?.kernel ?? kernel, segments: [segment] };
    });
    const [only] = launches;
    if (launches.length === 1 && only.kernel.segmented) {
      const key = `${height[i]} ${kernelKey(only.kernel)}`;
      const known = clusters.get(key);
      if (known !== undefined) {
        drafts[known].members.push(i);
        drafts[known].launches[0].segments.push(...only.segments);
        clusterOf[i] = known;
        continue;
      }
      clusters.set(key, drafts.length);
    }
    clusterOf[i] = drafts.length;
    drafts.push({ members: [i], launches });
  }
  const clusterEdges = drafts.map(() => new Set<number>());
  edges.forEach((targets, i) => {
    for (const t of targets) if (clusterOf[i] !== clusterOf[t]) clusterEdges[clusterOf[i]].add(clusterOf[t]);
  });
  const position = new Map(sequence.map((i, at) => [i, at]));
  const last = drafts.map((d) => Math.max(...d.members.map((i) => position.get(i)!)));
  return topological(drafts.length, clusterEdges, (c) => last[c]).flatMap((c) => drafts[c].launches);
}

/** Gives every value that is only needed for a while a piece of workspace, shared with others at other times. */
function planMemory(
  launches: readonly Draft[],
  places: Map<Value, Place>,
  graph: Graph,
  roots: Roots,
  copies: readonly number[],
  limits: PlanLimits,
): { sizes: number[]; uploads: (number | undefined)[] } {
  const end = launches.length;
  const first = new Map<Value, number>();
  const last = new Map<Value, number>();
  const touch = (v: Value, at: number): void => {
    if (!first.has(v)) first.set(v, at);
    last.set(v, at);
  };
  launches.forEach((l, at) => {
    for (const s of l.segments) for (const b of s.bindings) if (b !== 'fault') touch(b, at);
  });
  graph.outputs.forEach((o, j) => {
    const root = roots.of[j];
    if (first.has(root) && (o.to === 'host' || copies.includes(j))) last.set(root, end);
  });

  const bytesOf = ({ op, shape, dtype, size }: Value): number => {
    const bytes = Math.max(4, size * deviceBytes(dtype));
    if (bytes > limits.maxBufferBytes)
      throw new KindlingError(
        `${op}: a ${dtype} tensor of shape ${showShape(shape)} must stand in memory here and takes ${bytes} bytes, and a ` +
          `buffer has at most ${limits.maxBufferBytes}; use smaller batches or layers`,
      );
    return bytes;
  };
  const wanted: { value: Value; life: Life }[] = [];
  const want = (value: Value, from: number): void => {
    const bytes = bytesOf(value);
    wanted.push({ value, life: { from, to: last.get(value)!, bytes } });
  };
  // host data is uploaded before anything runs
  for (const [v, place] of places)
    if (v.op === 'input' && v.attribute === 'host' && place.kind === 'input' && first.has(v)) want(v, -1);
  const uploaded = wanted.length;
  const results = new Set(graph.outputs.flatMap((o, j) => (o.to === 'host' ? [roots.of[j]] : [])));
  const separate: Value[] = [];
  for (const [v, from] of first)
    if (!places.has(v))
      if (limits.separateResults && results.has(v)) separate.push(v);
      else want(v, from);

  const shares = shareMemory(wanted.map(({ life }) => life));
  const sizes = [...shares.sizes];
  const uploads: (number | undefined)[] = graph.inputs.map(() => undefined);
  wanted.forEach(({ value }, i) => {
    const slot = shares.slots[i];
    if (i < uploaded) uploads[(places.get(value) as { slot: number }).slot] = slot;
    else places.set(value, { kind: 'work', slot });
  });
  for (const v of separate) places.set(v, { kind: 'work', slot: sizes.push(bytesOf(v)) - 1 });
  return { sizes, uploads };
}

function copyStep(v: Value, from: Place, to: Place): Step {
  const at = (buffer: number) => ({ buffer, index: { base: 0, stride: [1] } });
  const { dtype } = v;
  const kernel: Kernel = {
    axes: [0],
    buffers: [
      { dtype, use: 'read' },
      { dtype, use: 'write' },
    ],
    scalars: [],
    body: {
      kind: 'loops',
      outer: [0],
      blocks: [
        {
          inner: [],
          code: [{ op: 'load', at: at(0), dtype }],
          reduces: [],
          stores: [{ at: at(1), value: 0, mode: 'set' }],
        },
      ],
    },
    segmented: true,
  };
  return { kernel, segments: [{ places: [from, to], length: v.size, scalarSlots: [] }] };
}
