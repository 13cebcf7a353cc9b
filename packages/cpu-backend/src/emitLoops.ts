import { type Block, codesOf, collapseAxes, count, type Ids, type Inst, type Kernel, type Loops, ownAxes, rowMajor, storesOf } from '@kindling/compiler'; // prettier-ignore
import type { Expr, FunctionBuilder, ModuleBuilder } from './assembler.js';
import { Body } from './body.js';
import type { ContractPlan } from './contractPlan.js';
import { chooseLanes, costOfBlock } from './chooseLanes.js';
import { kernelFunction } from './kernelFunction.js';
import { Lanes } from './lanes.js';
import { Linears, Nest, type Part } from './nest.js';
import { CHAIN, Reductions } from './reductions.js';
import type { Target } from './target.js';

/** What a compiled kernel needs at a launch. */
export interface Emitted {
  /**
   * The function runs over [from, to) of this many units of work, which may run in any order and at the same time. A
   * segmented kernel takes one segment, whose elements are the units.
   */
  readonly extent: number;
  /** Whether units may run at the same time: not where several may add to one place. */
  readonly divisible: boolean;
  /** About how many nanoseconds a unit takes, and a call however few units it runs over. */
  readonly time: { readonly unit: number; readonly call: number };
  /** Working memory in bytes. */
  readonly scratch: number;
  /** For people. */
  readonly form: LoopsForm | ContractPlan;
}

/** How loops run: which axes, and where the lanes lie. */
export interface LoopsForm {
  readonly kernel: Kernel;
  readonly outer: Ids;
  readonly width: number;
  readonly lanes: number;
  readonly unroll: number;
  readonly blocks: readonly { readonly inner: Ids; readonly across: boolean; readonly unroll: number }[];
}

/** The argument block of a launch, or of a segment: addresses of the buffers, then scalars as float64. */
export function argumentLayout(kernel: Kernel): { scalars: number; bytes: number } {
  const scalars = Math.ceil(kernel.buffers.length / 2) * 8;
  return { scalars, bytes: scalars + 8 * kernel.scalars.length };
}

/** Lanes of a vector: 2 where any value is a float64. */
export function widthOf(code: readonly Inst[]): number {
  return code.some((inst) => inst.dtype === 'float64') ? 2 : 4;
}

export function writtenBuffers(kernel: Kernel): ReadonlySet<number> {
  return new Set(kernel.buffers.flatMap(({ use }, i) => (use === 'read' ? [] : [i])));
}

/** What a vector instruction takes where nothing waits for memory. */
const NANOSECONDS = 0.1;

/** How many vectors side by side pay: small code is bound by the latency of its additions and by loop overhead. */
function unrolling(cost: number, { pairsVectors }: Target, vectors: number): number {
  const most = (cost <= 35 ? 4 : cost <= 60 ? 2 : 1) * (pairsVectors ? 2 : 1);
  return Math.max(1, Math.min(most, vectors));
}

export function emitLoops(given: Kernel, module: ModuleBuilder, target: Target): Emitted {
  const original = unnested(given);
  if (original.segmented) return new LoopsEmitter(original, module, target).emit();
  const halves = collapseAxes(original, true);
  const kernel = lanesFollowHalves(halves) ? halves : collapseAxes(original);
  return new LoopsEmitter(kernel, module, target).emit();
}

/** Whether several indices may add to one place. */
function adds(body: Loops): boolean {
  return storesOf(body).some(({ mode }) => mode === 'add');
}

/** A scatter with all its axes outside: what is added at one place comes in the same order. */
function unnested(kernel: Kernel): Kernel {
  const body = kernel.body as Loops;
  const [block] = body.blocks;
  if (body.blocks.length > 1 || block.reduces.length > 0 || !adds(body)) return kernel;
  return { ...kernel, body: { ...body, outer: [...body.outer, ...block.inner], blocks: [{ ...block, inner: [] }] } };
}

/** Whether lanes lie along every axis that something follows at half the pace. */
function lanesFollowHalves({ body, axes }: Kernel): boolean {
  const loops = body as Loops;
  const axesOf = ({ code }: Block) =>
    code
      .flatMap((inst) => (inst.op === 'load' ? [inst.at.index.stride.indexOf(1 / 2)] : []))
      .filter((axis) => axis >= 0);
  const used = loops.blocks.map(axesOf);
  if (used.every((list) => list.length === 0)) return true;
  if (widthOf(codesOf(body).flat()) !== 4) return false;
  const { outer, inner } = chooseLanes(loops, axes, 4);
  return used.every((list, b) => list.every((axis) => axis === (outer >= 0 ? outer : inner[b])));
}

class LoopsEmitter implements LoopsForm {
  private readonly fn: FunctionBuilder;
  private readonly o: Lanes;
  private readonly linears = new Linears();
  private readonly nest: Nest;
  private readonly loops: Loops;
  readonly width: number;
  /** The outer axis of the lanes, or −1. */
  readonly lanes: number;
  /** Outer axes, outermost first. */
  readonly outer: number[];
  readonly blocks: BlockEmitter[];
  readonly unroll: number;
  /** Vector instructions for one index of the outer axes. */
  private readonly cost: number;

  constructor(
    readonly kernel: Kernel,
    module: ModuleBuilder,
    target: Target,
  ) {
    this.fn = kernelFunction(module);
    this.o = new Lanes(this.fn, module, target);
    this.nest = new Nest(this.fn, this.linears.all);
    this.loops = kernel.body as Loops;
    const { blocks } = this.loops;
    this.width = widthOf(codesOf(kernel.body).flat());
    const perVector = (axis: number) => blocks.reduce((sum, block) => sum + costOfBlock(block, axis, this.width), 0);
    const choice = kernel.segmented
      ? { outer: 0, inner: blocks.map(() => 0), cost: perVector(0) / this.width }
      : chooseLanes(this.loops, kernel.axes, this.width);
    this.lanes = choice.outer;
    this.outer = orderOuter(this.loops, this.lanes);
    const results: Expr[][][] = [];
    const written = writtenBuffers(kernel);
    this.blocks = blocks.map(
      (block, b) =>
        new BlockEmitter(block, {
          o: this.o,
          nest: this.nest,
          linears: this.linears,
          sizes: kernel.axes,
          outer: this.outer,
          lanes: choice.inner[b],
          width: this.width,
          written,
          results,
        }),
    );
    this.cost = choice.cost;
    this.unroll = this.lanes < 0 ? 1 : unrolling(perVector(this.lanes), target, kernel.segmented ? Infinity : Math.floor(kernel.axes[this.lanes] / this.width)); // prettier-ignore
  }

  emit(): Emitted {
    const { fn, kernel } = this;
    const { scalars } = argumentLayout(kernel);
    const [args, from, to] = [0, 1, 2];
    const begin = () => {
      const address = (buffer: number) => void fn.get(args).memory('i32.load', buffer * 4);
      this.nest.begin(new Set(this.blocks.flatMap(({ body }) => [...body.linears])), address);
    };
    for (const { body } of this.blocks) {
      body.attach({ o: this.o, nest: this.nest, args, scalars });
    }
    let extent = 1;
    if (count(this.outer, kernel.axes) === 0 && !kernel.segmented) extent = 0;
    else if (kernel.segmented) {
      begin();
      this.enter(0);
      this.alongLanes(
        this.vectorParts(() => void fn.get(to).get(from).op('i32.sub'), 0),
        () => void fn.get(from),
        1,
      );
    } else {
      begin();
      this.enter(0);
      const [first] = this.outer;
      if (first === undefined) this.runBlocks();
      else if (first === this.lanes) {
        const parts = this.vectorParts(kernel.axes[first], 0);
        const trips = parts[0].trips as number;
        const rest = parts.slice(1).some((part) => part.trips !== 0);
        extent = Math.max(1, trips + Number(rest));
        const main = () => {
          // the last unit of work is what does not fill the unrolled vectors
          fn.get(to).i32(trips).get(to).i32(trips).op('i32.lt_s').op('select').get(from).op('i32.sub');
        };
        this.alongLanes([{ ...parts[0], trips: main }], () => void fn.get(from));
        if (rest) {
          fn.get(to).i32(extent).op('i32.eq');
          fn.if(() => this.alongLanes(parts.slice(1), () => void fn.i32(trips), parts[0].step));
        }
      } else {
        extent = kernel.axes[first]!;
        const trips = () => void fn.get(to).get(from).op('i32.sub');
        this.nest.loop(first, this.moving, [{ trips, step: 1, body: () => this.within(1) }], () => void fn.get(from));
      }
    }
    const indices = kernel.segmented ? 1 : count(this.outer, kernel.axes);
    const time = { unit: (this.cost * indices * NANOSECONDS) / Math.max(1, extent), call: 0 };
    return { extent, divisible: this.placesAreOwn(), time, scratch: 0, form: this };
  }

  /** Whether indices of the outermost axis never add to one place: in a scatter, that is all the kernel does. */
  private placesAreOwn(): boolean {
    const { outer, kernel, loops } = this;
    if (!adds(loops)) return true;
    const [{ stores, inner }] = loops.blocks;
    const isAlone = loops.blocks.length === 1 && stores.length === 1;
    return isAlone && ownAxes(stores[0].at, [...outer, ...inner], kernel.axes).includes(outer[0]);
  }

  private get moving(): Set<number> {
    return new Set(this.blocks.flatMap(({ body }) => [...body.linears]));
  }

  private enter(depth: number): void {
    // what is not run must not note faults either
    for (const { body, empty } of this.blocks) if (!empty) body.enter(depth);
  }

  /** What runs within the first `depth` outer loops. */
  private within(depth: number): void {
    this.enter(depth);
    const axis = this.outer[depth];
    if (axis === undefined) return this.runBlocks();
    const size = this.kernel.axes[axis];
    if (axis === this.lanes) this.alongLanes(this.vectorParts(size, depth));
    else this.nest.loop(axis, this.moving, [{ trips: size, step: 1, body: () => this.within(depth + 1) }]);
  }

  private alongLanes(parts: readonly Part[], start?: Expr, scale = parts[0].step): void {
    const { fn } = this;
    const from = start && (() => void (start(), fn.times(scale)));
    this.nest.loop(this.lanes, this.moving, parts, from);
  }

  /** The stretches of the loop along the lanes: unrolled vectors, single vectors, what does not fill a vector. */
  private vectorParts(size: number | Expr, depth: number): Part[] {
    const { fn, width, unroll } = this;
    const run = (vectors: number, lanes: number) => () => {
      for (const { body } of this.blocks) body.resize(vectors, lanes);
      this.within(depth + 1);
    };
    const step = width * unroll;
    if (typeof size === 'number') return staticParts(size, width, unroll, run);
    const shift = (by: number) => () => void (size(), fn.i32(Math.log2(by)).op('i32.shr_u'));
    const rest = (by: number, unit: number) => () => {
      size();
      fn.i32(by - 1)
        .op('i32.and')
        .i32(Math.log2(unit))
        .op('i32.shr_u');
    };
    return [
      { trips: shift(step), step, body: run(unroll, width) },
      ...(unroll > 1 ? [{ trips: rest(step, width), step: width, body: run(1, width) }] : []),
      { trips: rest(width, 1), step: 1, body: run(1, 1) },
    ];
  }

  private runBlocks(): void {
    this.fn.scope(() => {
      for (const block of this.blocks) block.run();
    });
  }
}

/**
 * Outer axes, outermost first. The lanes' axis comes last; but if lanes must be gathered that follow each other along
 * another axis, as in a transposition, then that one does, so that cache lines are used up while they are there.
 */
function orderOuter({ outer, blocks }: Loops, lanes: number): number[] {
  if (lanes < 0) return [...outer];
  const loads = blocks.flatMap(({ code }) =>
    code.flatMap((inst) => (inst.op === 'load' ? [inst.at.index.stride] : [])),
  );
  const gathered = loads.filter((stride) => Math.abs(stride[lanes]) > 1);
  const last = outer.find((axis) => axis !== lanes && gathered.some((stride) => Math.abs(stride[axis]) === 1));
  const rest = outer.filter((axis) => axis !== lanes && axis !== last);
  return last === undefined ? [...rest, lanes] : [...rest, lanes, last];
}

/** Unrolled vectors, the vectors that are left, side by side as well, and the lanes that are left. */
function staticParts(
  size: number,
  width: number,
  unroll: number,
  run: (vectors: number, lanes: number) => () => void,
): Part[] {
  const step = width * unroll;
  const rest = Math.floor((size % step) / width);
  const left = size % width;
  return [
    { trips: Math.floor(size / step), step, body: run(unroll, width) },
    { trips: Number(rest > 0), step: rest * width, body: run(rest, width) },
    { trips: Number(left > 0), step: left, body: run(1, left) },
  ];
}

interface BlockContext {
  readonly o: Lanes;
  readonly nest: Nest;
  readonly linears: Linears;
  readonly sizes: Ids;
  readonly outer: Ids;
  readonly lanes: number;
  readonly width: number;
  readonly written: ReadonlySet<number>;
  /** Results of all blocks: block, reduction, vector. */
  readonly results: Expr[][][];
}

class BlockEmitter {
  readonly body: Body;
  readonly inner: number[];
  private readonly reductions: Reductions;
  /** Per reduction, the instruction that tells the position, for argmax and argmin. */
  private readonly positions: (number | undefined)[];
  readonly across: boolean;
  readonly unroll: number;
  private readonly index: number;
  /** Whether there is nothing to reduce or to store. */
  readonly empty: boolean;

  constructor(
    private readonly block: Block,
    private readonly context: BlockContext,
  ) {
    const { o, linears, sizes, outer, lanes, width, written, results } = context;
    const { code, reduces, stores } = block;
    this.index = results.push([]) - 1;
    this.empty = count(block.inner, sizes) === 0;
    this.across = block.inner.includes(lanes);
    this.inner = block.inner.filter((axis) => axis !== lanes);
    if (this.across) this.inner.push(lanes);
    this.unroll = this.across
      ? unrolling(costOfBlock(block, lanes, width), o.target, Math.floor(sizes[lanes] / width))
      : 1;
    this.reductions = new Reductions(
      o,
      reduces,
      reduces.map(({ value }) => code[value].dtype),
    );
    const position: Inst = { op: 'index', at: { base: 0, stride: rowMajor(block.inner, sizes) }, dtype: 'int32' };
    const wanted = reduces.some(({ op }) => op.startsWith('arg'));
    this.positions = reduces.map(({ op }) => (op.startsWith('arg') ? code.length : undefined));
    const priorDepth = outer.length + 1;
    this.body = new Body(linears, {
      code: wanted ? [...code, position] : code,
      stores,
      results: [...reduces.map(({ value }) => value), ...(wanted ? [code.length] : [])],
      lanesAxis: lanes,
      width,
      depth: new Map([
        ...outer.map((axis, i): [number, number] => [axis, i + 1]),
        ...this.inner.map((axis, i): [number, number] => [axis, priorDepth + i + 1]),
      ]),
      priorDepth,
      deepest: priorDepth + this.inner.length,
      written,
      given: (inst, u) => {
        if (inst.op !== 'prior')
          throw new Error(`cpu: '${inst.op}' in loops; it belongs in the epilogue of a contraction`);
        const prior = results[inst.block][inst.reduce];
        return prior[prior.length > 1 ? u : 0];
      },
    });
  }

  run(): void {
    const { context, body, reductions, empty } = this;
    const { width, results, outer } = context;
    const strips = reductions.hasFloatSums && !empty ? this.strips() : { depth: -1, every: 0, flushes: 0 };
    reductions.start(this.across ? this.unroll : body.vectors, strips.flushes);
    if (!empty) {
      body.enter(outer.length + 1);
      this.walk(0, strips);
    }
    if (this.across) body.resize(1, 1);
    results[this.index] = reductions.finish(this.across, width, empty);
  }

  private walk(depth: number, strips: { depth: number; every: number }): void {
    const { context, body, inner, reductions } = this;
    const { nest, sizes, width, outer, lanes } = context;
    if (depth === inner.length) return this.innermost();
    const axis = inner[depth];
    const then = () => {
      body.enter(outer.length + depth + 2);
      this.walk(depth + 1, strips);
    };
    const strip = strips.depth === depth ? { every: strips.every, flush: () => reductions.flush() } : undefined;
    const parts: Part[] =
      this.across && axis === lanes
        ? staticParts(sizes[axis], width, this.unroll, (vectors, count) => () => {
            body.resize(vectors, count);
            then();
          })
        : [{ trips: sizes[axis], step: 1, body: then }];
    nest.loop(axis, body.linears, strip ? parts.map((part) => ({ ...part, strip })) : parts);
  }

  private innermost(): void {
    const { context, body, block, reductions, positions } = this;
    const { o, width } = context;
    const partial = this.across && body.count(0) < width;
    const mask = (wide: boolean) => laneMask(o, wide ? body.count(0) * 2 : body.count(0));
    for (let u = 0; u < body.vectors; u++) {
      reductions.feed(
        u,
        block.reduces.map(({ value }) => body.value(value, u)),
        positions.map((position) => (position === undefined ? undefined : body.value(position, u))),
        partial ? mask : undefined,
      );
    }
    body.store();
  }

  /** In which loop float sums are put aside, after how many trips, and how often in all. */
  private strips(): { depth: number; every: number; flushes: number } {
    const { sizes, lanes, width } = this.context;
    const trips = this.inner.map((axis) =>
      this.across && axis === lanes ? Math.floor(sizes[axis] / (width * this.unroll)) : sizes[axis],
    );
    let deeper = 1;
    for (let depth = this.inner.length; depth-- > 0;) {
      // single vectors and a partial one follow the unrolled ones
      const own = trips[depth] + (this.across && depth === this.inner.length - 1 ? this.unroll : 0);
      if (deeper * own > CHAIN) {
        const every = Math.max(1, Math.floor(CHAIN / deeper));
        const around = trips.slice(0, depth).reduce((product, n) => product * n, 1);
        return { depth, every, flushes: around * (Math.floor(trips[depth] / every) + 1) };
      }
      deeper *= own;
    }
    return { depth: -1, every: 0, flushes: 0 };
  }
}

/** Ones in the first 4-byte lanes. */
function laneMask(o: Lanes, lanes: number): Expr {
  return o.fn.constant(new Uint8Array(Int32Array.from([0, 1, 2, 3], (i) => -Number(i < lanes)).buffer));
}
