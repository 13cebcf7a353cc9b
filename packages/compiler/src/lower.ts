import type { DType } from '@kindling/core';
import { Group, loadsIn, loadsOf, lookedUp, numberBehind, operandPosition, ownDims, throughView } from './group.js';
import { NeedBuffer, rowMajor, weighted } from './indexing.js';
import type { Access, Affine, Block, BufferUse, Inst, Kernel, Loops, Operand, ReduceOp, Store } from './ir.js';
import { mapBody } from './mapBody.js';
import { AtPositions, type Bound, type Dim, type Position } from './position.js';
import { refine, type Space } from './space.js';
import type { Value } from './value.js';

/** What a kernel's buffer is bound to: the memory of a value, or the cell that notes indices out of range. */
export type Binding = Value | 'fault';

export interface Lowered {
  readonly kernel: Kernel;
  readonly bindings: readonly Binding[];
  /** For each scalar of the kernel: which of the graph's. */
  readonly scalarSlots: readonly number[];
  /** The values loaded, by name: an output over an input shares its binding. */
  readonly reads: ReadonlySet<Value>;
}

/** An output cannot go over the input that it is computed from: it needs memory of its own. */
export class NeedCopy extends Error {
  constructor(readonly value: Value) {
    super('copy');
  }
}

export interface LoweringContext {
  readonly home: ReadonlyMap<Value, Group>;
  /** Whether somebody outside of its kernel needs a value. */
  readonly needed: (v: Value) => boolean;
  /** Outputs that are written over the memory of an input. */
  readonly over: ReadonlyMap<Value, Value>;
}

const reduceOps: Record<string, ReduceOp> = { sum: 'sum', prod: 'prod', amax: 'max', amin: 'min', argmax: 'argmax', argmin: 'argmin' }; // prettier-ignore

/** The kernels of a group, in order. */
export function lowerGroup(group: Group, context: LoweringContext): Lowered[] {
  const scatter = group.scatter;
  if (scatter === undefined) return [refine(group, (space) => new KernelBuilder(group, space, context).build())];
  const start = new Group();
  start.parts.push({ shape: scatter.shape, roots: [scatter], reduce: undefined, rows: undefined });
  return [
    refine(start, (space) => new KernelBuilder(start, space, context).buildCopy(scatter, scatter.inputs[0])),
    refine(group, (space) => new KernelBuilder(group, space, context).buildScatter(scatter)),
  ];
}

class KernelBuilder {
  readonly #buffers: { binding: Binding; dtype: DType; loaded: boolean; stored: boolean }[] = [];
  readonly #scalars: { slot: number; dtype: DType }[] = [];
  /** The block that computes each reduction. */
  readonly #priors = new Map<Value, number>();
  readonly #blocks: Block[] = [];
  readonly #reads = new Set<Value>();
  /** For outputs over inputs: where the store goes, and where loads come from. */
  readonly #accesses: { buffer: number; block: number; at: Access; store: boolean }[] = [];

  constructor(
    readonly group: Group,
    readonly space: Space,
    readonly context: LoweringContext,
  ) {}

  buffer(binding: Binding, dtype: DType, use: 'loaded' | 'stored'): number {
    const target = binding === 'fault' ? binding : (this.context.over.get(binding) ?? binding);
    let i = this.#buffers.findIndex((b) => b.binding === target);
    if (i < 0) i = this.#buffers.push({ binding: target, dtype, loaded: false, stored: false }) - 1;
    this.#buffers[i][use] = true;
    return i;
  }
  scalar(slot: number, dtype: DType): number {
    const i = this.#scalars.findIndex((s) => s.slot === slot && s.dtype === dtype);
    return i >= 0 ? i : this.#scalars.push({ slot, dtype }) - 1;
  }
  prior(v: Value): number | undefined {
    return this.#priors.get(v);
  }
  get axes(): readonly number[] {
    return this.space.sizes;
  }

  access(v: Value, at: Position, use: 'loaded' | 'stored'): Access {
    return this.flatAccess(v, weighted(at.dims, rowMajor(v.shape), this.axes.length), at.bounds, use);
  }
  flatAccess(v: Value, flat: Dim, bounds: readonly Bound[], use: 'loaded' | 'stored'): Access {
    const buffer = this.buffer(v, v.dtype, use);
    if (use === 'loaded') this.#reads.add(v);
    const access: Access = {
      buffer,
      index: affine(flat),
      ...(bounds.length > 0 ? { bounds: bounds.map((b) => ({ at: affine(b.at), lo: b.lo, hi: b.hi })) } : {}),
      ...(flat.by === undefined
        ? {}
        : { by: flat.by.map((l) => ({ ...l, fault: this.buffer('fault', 'int32', 'stored') })) }),
    };
    this.#accesses.push({ buffer, block: this.#blocks.length, at: access, store: use === 'stored' });
    return access;
  }

  build(): Lowered {
    const { group, space } = this;
    if (group.contract !== undefined) return this.#contract(group.contract);
    const rows = group.rowShape === undefined ? undefined : space.rowAxes;
    group.parts.forEach((part, p) => {
      const code = new BlockCode(this, p);
      const start = space.start(p);
      const own =
        part.rows === undefined ? [] : part.shape.flatMap((_, d) => (part.rows![d] < 0 ? space.axesOfDim(p, d) : []));
      if (part.reduce !== undefined) {
        const r = part.reduce;
        const value = code.value(r.inputs[0], start);
        this.#priors.set(r, this.#blocks.length);
        // what is stored on the way is also needed elsewhere
        const stores = this.#stores(
          code,
          part.roots.filter((v) => v !== r),
          start,
        );
        this.#blocks.push({ inner: own, code: code.code, reduces: [{ op: reduceOps[r.op], value }], stores });
        if (this.context.needed(r)) {
          const after = new BlockCode(this, p);
          const dims = start.dims.filter((_, d) => !r.reduced.includes(d));
          const found = after.value(r, { dims, bounds: [] });
          const at = this.access(r, { dims, bounds: [] }, 'stored');
          this.#blocks.push({ inner: [], code: after.code, reduces: [], stores: [{ at, value: found, mode: 'set' }] });
        }
      } else {
        const rowValue = part.rows !== undefined && ownDims(part).length === 0;
        const stores = this.#stores(code, part.roots.filter((v) => this.context.needed(v) || (!rowValue && this.#readLater(v, p))), start); // prettier-ignore
        if (stores.length > 0) this.#blocks.push({ inner: own, code: code.code, reduces: [], stores });
      }
    });
    const outer = rows ?? space.sizes.map((_, k) => k);
    return this.#finish({ kind: 'loops', outer, blocks: this.#blocks });
  }

  /** Whether a later part loads what an earlier one has stored. */
  #readLater(v: Value, part: number): boolean {
    const { group } = this;
    if (group.parts.length === 1) return false;
    const { home } = this.context;
    const elsewhere = (other: Value): boolean => home.has(other) && home.get(other) !== group;
    return loadsOf(group, (other) => other === v || elsewhere(other)).found.some((f) => f.value === v && f.part > part);
  }

  #stores(code: BlockCode, roots: readonly Value[], start: Position): Store[] {
    return roots.map((root) => {
      const value = code.rootValue(root, start);
      return { at: this.access(root, start, 'stored'), value, mode: 'set' as const };
    });
  }

  #contract(product: Value): Lowered {
    const { group, space } = this;
    const [part] = group.parts;
    const start = space.start(0);
    // where in the product each index of the roots is
    const place =
      part.roots.includes(product) && part.roots.length === 1
        ? start
        : (loadsIn(space, group, (v) => v === product || !group.inside.has(v)).find((f) => f.value === product)
            ?.position ?? start);
    const rank = product.shape.length;
    const axesOf = (d: Dim): number[] =>
      d.stride
        .flatMap((s, k) => (s !== 0 && space.sizes[k] !== 1 ? [[s, k] as const] : []))
        .sort((a, b) => b[0] - a[0])
        .map(([, k]) => k);
    const batch = place.dims.slice(0, -2).flatMap(axesOf);
    let m = axesOf(place.dims[rank - 2]);
    let n = axesOf(place.dims[rank - 1]);
    const k = [...space.axesOf.get('k')!];
    const sum = space.dim(k);
    const operand = (v: Value, dims: readonly Dim[]): Operand => {
      const code = new BlockCode(this, 0);
      const out = code.value(v, { dims, bounds: [] });
      return { code: code.code, out };
    };
    const batchDims = place.dims.slice(0, -2);
    let a = operand(product.inputs[0], [...batchDims, place.dims[rank - 2], sum]);
    let b = operand(product.inputs[1], [...batchDims, sum, place.dims[rank - 1]]);
    // the columns are what is contiguous in the result: (A·B)ᵀ = Bᵀ·Aᵀ
    const last = Math.max(-1, ...m, ...n);
    if (m.includes(last)) [a, b, m, n] = [b, a, n, m];
    const code = new BlockCode(this, 0, product);
    const stores = this.#stores(code, part.roots.filter(this.context.needed), start);
    return this.#finish({ kind: 'contract', batch, m, n, k, a, b, dtype: product.dtype, epilogue: { code: code.code, stores } }); // prettier-ignore
  }

  buildCopy(root: Value, source: Value): Lowered {
    const code = new BlockCode(this, 0);
    const start = this.space.start(0);
    const value = code.value(source, start);
    const stores: Store[] = [{ at: this.access(root, start, 'stored'), value, mode: 'set' }];
    return this.#finish({ kind: 'loops', outer: this.axes.map((_, k) => k), blocks: [{ inner: [], code: code.code, reduces: [], stores }] }); // prettier-ignore
  }

  buildScatter(root: Value): Lowered {
    const code = new BlockCode(this, 0);
    const start = this.space.start(0);
    const [, index, source] = root.inputs as [Value, Value, Value];
    const dim = root.attribute as number;
    const position = code.value(index, start);
    const value = code.value(source, start);
    const limit = root.shape[dim];
    const dims = start.dims.map((d, i) =>
      i === dim ? { base: 0, stride: d.stride.map(() => 0), by: [{ value: position, stride: 1, limit }] } : d,
    );
    const at = this.access(root, { dims, bounds: [] }, 'stored');
    this.#buffers[at.buffer].loaded = true;
    // several may meet in one place: the order of the sum is that of the source
    return this.#finish({ kind: 'loops', outer: [], blocks: [{ inner: this.axes.map((_, k) => k), code: code.code, reduces: [], stores: [{ at, value, mode: 'add' }] }] }); // prettier-ignore
  }

  /**
   * What one block passes on to later ones lies, if it fits, where the last of them stores its result: each element is
   * loaded before its place is written, and there is less memory to go through.
   */
  #share(body: Loops): Loops {
    const renamed = new Map<number, number>();
    this.#buffers.forEach(({ binding, dtype, loaded, stored }, t) => {
      if (binding === 'fault' || !loaded || !stored || this.context.needed(binding)) return;
      const mine = this.#accesses.filter((a) => a.buffer === t);
      const last = mine[mine.length - 1];
      const end = mine.filter((a) => a.block === last.block);
      if (mine.filter((a) => a.store).length > 1 || end.some((a) => a.store || !samePlace(a.at, last.at))) return;
      const target = this.#accesses.find((a) => {
        const other = this.#buffers[a.buffer];
        const fits = other.binding !== 'fault' && other.dtype === dtype && other.binding.size === binding.size;
        const alone = this.#accesses.filter((b) => b.buffer === a.buffer).length === 1;
        return a.store && a.block === last.block && samePlace(a.at, last.at) && fits && alone;
      });
      if (target === undefined || [...renamed.values()].includes(target.buffer)) return;
      renamed.set(t, target.buffer);
      this.#buffers[target.buffer].loaded = true;
    });
    if (renamed.size === 0) return body;
    const kept = this.#buffers.flatMap((_, i) => (renamed.has(i) ? [] : [i]));
    this.#buffers.splice(0, this.#buffers.length, ...kept.map((i) => this.#buffers[i]));
    return mapBody(body, { buffer: (b) => kept.indexOf(renamed.get(b) ?? b) });
  }

  #finish(given: Kernel['body']): Lowered {
    for (const output of this.group.roots) {
      const input = this.context.over.get(output);
      if (input === undefined) continue;
      const buffer = this.#buffers.findIndex((b) => b.binding === input);
      const mine = this.#accesses.filter((a) => a.buffer === buffer);
      if (!mine.some((a) => a.store)) continue;
      const [first] = mine;
      // operands of a product follow its sums' axis, so that they are never in the place of the result
      if (mine.some((a) => !samePlace(a.at, first.at) || a.block !== first.block)) throw new NeedCopy(output);
    }
    const body = given.kind === 'loops' ? this.#share(given) : given;
    const buffers: BufferUse[] = this.#buffers.map((b) => ({
      dtype: b.dtype,
      use: b.binding === 'fault' || (b.loaded && b.stored) ? 'readwrite' : b.stored ? 'write' : 'read',
    }));
    return {
      kernel: { axes: [...this.axes], buffers, scalars: this.#scalars.map((s) => s.dtype), body, segmented: false },
      bindings: this.#buffers.map((b) => b.binding),
      scalarSlots: this.#scalars.map((s) => s.slot),
      reads: this.#reads,
    };
  }
}

/** Whether two accesses are to the same elements of their buffers. */
function samePlace(a: Access, b: Access): boolean {
  const place = ({ index, bounds = [], by = [] }: Access): string => JSON.stringify([index, bounds, by]);
  return place(a) === place(b);
}

const foldable: Record<string, (a: number, b: number) => number> = {
  neg: (a) => -a,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
};
/** Arithmetic of literals. */
function fold(v: Value, operands: readonly Inst[]): number | undefined {
  const compute = foldable[v.op];
  if (compute === undefined || (v.dtype !== 'float32' && v.dtype !== 'float64')) return undefined;
  const numbers = operands.map((i) => (i.op === 'const' ? i.arg : undefined));
  if (numbers.includes(undefined)) return undefined;
  const exact = compute(numbers[0]!, numbers[1]!);
  return v.dtype === 'float32' ? Math.fround(exact) : exact;
}

function affine(d: Dim): Affine {
  return { base: d.base, stride: d.stride };
}

/** Equal for equal instructions. */
function instructionKey(inst: Inst): string {
  const { op, dtype } = inst;
  // JSON has neither −0 nor NaN nor ∞
  if (op === 'const') return `const ${dtype} ${Object.is(inst.arg, -0) ? '-0' : inst.arg}`;
  if ('in' in inst) return `${op} ${dtype} ${inst.in.join()}`;
  if (op !== 'load' || inst.at.bounds || inst.at.by) return JSON.stringify(inst);
  const { buffer, index } = inst.at;
  return `load ${dtype} ${buffer} ${index.base} ${index.stride.join()}`;
}

/** The instructions of one block. */
class BlockCode {
  readonly code: Inst[] = [];
  readonly #known = new Map<string, number>();
  readonly #values = new AtPositions<number>();

  constructor(
    readonly builder: KernelBuilder,
    readonly part: number,
    readonly product?: Value,
  ) {}

  emit(inst: Inst): number {
    const key = instructionKey(inst);
    let i = this.#known.get(key);
    if (i === undefined) this.#known.set(key, (i = this.code.push(inst) - 1));
    return i;
  }
  #number(arg: number, dtype: DType): number {
    return this.emit({ op: 'const', arg, dtype });
  }

  /** The value of a root where it is made. */
  rootValue(v: Value, at: Position): number {
    return v === this.product ? this.emit({ op: 'acc', dtype: v.dtype }) : this.value(v, at, true);
  }

  value(v: Value, at: Position, isRoot = false): number {
    const known = this.#values.get(v, at);
    if (known !== undefined) return known;
    const result = this.#compute(v, at, isRoot);
    this.#values.set(v, at, result);
    return result;
  }

  #compute(v: Value, at: Position, isRoot: boolean): number {
    const { builder } = this;
    const leaf = numberBehind(v);
    if (leaf !== undefined)
      return leaf.op === 'const'
        ? this.#number(leaf.attribute as number, v.dtype)
        : this.emit({ op: 'scalar', arg: builder.scalar(leaf.slot, v.dtype), dtype: v.dtype });
    if (v.op === 'input') return this.#load(v, at);
    if (v.op === 'iota') return this.#index(at.dims[0]);
    if (v === this.product) return this.emit({ op: 'acc', dtype: v.dtype });
    const home = builder.context.home.get(v);
    if (home !== undefined && !isRoot) {
      if (home !== builder.group) return this.#load(v, at);
      const block = builder.prior(v);
      if (block !== undefined) return this.emit({ op: 'prior', block, reduce: 0, dtype: v.dtype });
      const made = builder.group.parts.findIndex((p) => p.roots.includes(v));
      const part = builder.group.parts[made];
      if (made !== this.part && ownDims(part).length > 0) return this.#load(v, at);
    }
    switch (v.role) {
      case 'movement':
        return this.#view(v, at);
      case 'gather': {
        const index = this.value(v.inputs[1], at);
        return this.value(v.inputs[0], lookedUp(v, at, index));
      }
      case 'elementwise': {
        if (v.op === 'identity') return this.value(v.inputs[0], at); // a copy
        const operands = v.inputs.map((input) => this.value(input, operandPosition(v, input, at)));
        const folded = fold(v, operands.map((i) => this.code[i])); // prettier-ignore
        if (folded !== undefined) return this.#number(folded, v.dtype);
        return this.emit({ op: v.op as 'add', in: operands, dtype: v.dtype });
      }
      default:
        throw new Error(`the ${v.op} is not in memory where it is used`);
    }
  }

  #view(v: Value, at: Position): number {
    const { builder } = this;
    const source = v.inputs[0];
    const inMemory = source.op === 'input' || this.#isLoaded(source);
    const inner = throughView(v, at, builder.axes, inMemory);
    if (inner === undefined) {
      const flat = weighted(at.dims, rowMajor(v.shape), builder.axes.length);
      return this.emit({ op: 'load', at: builder.flatAccess(source, flat, at.bounds, 'loaded'), dtype: v.dtype });
    }
    const value = this.value(source, inner);
    if (v.op !== 'pad' || inner.bounds.length === at.bounds.length) return value;
    // loads give 0 outside by themselves; what is computed must be replaced
    let base = source;
    while (base.role === 'movement' && base.op !== 'pad') base = base.inputs[0]!;
    if (base.op === 'input' || this.#isLoaded(base)) return value;
    let inside: number | undefined;
    for (const bound of inner.bounds.slice(at.bounds.length)) {
      const position = this.#index(bound.at);
      const low = this.emit({ op: 'le', in: [this.#number(bound.lo, 'int32'), position], dtype: 'bool' });
      const high = this.emit({ op: 'lt', in: [position, this.#number(bound.hi, 'int32')], dtype: 'bool' });
      const both = this.emit({ op: 'and', in: [low, high], dtype: 'bool' });
      inside = inside === undefined ? both : this.emit({ op: 'and', in: [inside, both], dtype: 'bool' });
    }
    return this.emit({ op: 'where', in: [inside!, value, this.#number(0, v.dtype)], dtype: v.dtype });
  }

  #isLoaded(v: Value): boolean {
    const { context, group } = this.builder;
    const home = context.home.get(v);
    return home !== undefined && home !== group;
  }

  #index(d: Dim): number {
    let result = this.emit({ op: 'index', at: affine(d), dtype: 'int32' });
    for (const { value, stride } of d.by ?? []) {
      const scaled =
        stride === 1 ? value : this.emit({ op: 'mul', in: [value, this.#number(stride, 'int32')], dtype: 'int32' });
      result = this.emit({ op: 'add', in: [result, scaled], dtype: 'int32' });
    }
    return result;
  }

  #load(v: Value, at: Position): number {
    if (at.bounds.some((b) => b.at.by !== undefined)) throw new NeedBuffer(v);
    return this.emit({ op: 'load', at: this.builder.access(v, at, 'loaded'), dtype: v.dtype });
  }
}
