import { deviceBytes, type Access, type Affine, type Ids, type Inst, type Store } from '@kindling/compiler';
import type { DType } from '@kindling/core';
import type { Expr, FunctionBuilder } from './assembler.js';
import { compute, narrow, type Operand } from './instructions.js';
import { shapeOf, type Lanes } from './lanes.js';
import { loadInside } from './loadInside.js';
import type { Linears, Nest, Place } from './nest.js';

/** The function that code is emitted into. */
export interface Site {
  readonly o: Lanes;
  readonly nest: Nest;
  /** The local with the address of the argument block. */
  readonly args: number;
  /** Where in the argument block the scalars begin. */
  readonly scalars: number;
}

export interface BodyOptions {
  readonly code: readonly Inst[];
  readonly stores: readonly Store[];
  /** Instructions used from outside the code: reduced, or an operand's result. */
  readonly results: Ids;
  /** The axis along which lanes lie, or −1 if there is one lane only. */
  readonly lanesAxis: number;
  /** Lanes of a vector: 2 in a kernel with float64. */
  readonly width: number;
  /** How deep the loop of each axis is; 1 is the outermost. */
  readonly depth: ReadonlyMap<number, number>;
  /** The depth at which results of earlier blocks are known. */
  readonly priorDepth: number;
  /** The depth of the stores. */
  readonly deepest: number;
  /** Buffers whose loads must stay where they are. */
  readonly written: ReadonlySet<number>;
  /** An earlier block's result, or a finished sum, for the vector `u`. */
  readonly given?: (inst: Inst, u: number) => Expr;
}

interface By {
  readonly value: number;
  readonly stride: number;
  readonly limit: number;
  readonly fault: Place;
  /** The local with the clamped distance in bytes, if all lanes share it. */
  local?: number;
}

/** A number that must be at least `lo`, and less than lo + size. */
interface Bound {
  readonly place: Place;
  readonly stride: number;
  readonly lo: number;
  readonly size: number;
  readonly depth: number;
}

interface AccessPlan {
  readonly access: Access;
  readonly dtype: DType;
  readonly bytes: number;
  readonly place: Place;
  /** In elements, along the lanes. */
  readonly stride: number;
  readonly by: By[];
  /** Of all lanes together, and lane by lane. */
  readonly bounds: readonly Bound[];
  readonly laneBounds: readonly Bound[];
  /** Outermost first: the depth at which bounds of all lanes became known, and the local that says whether they hold so far. */
  readonly inside: { readonly depth: number; readonly local: number }[];
  /** Whether some indirection differs from lane to lane. */
  readonly scattered: boolean;
}

/**
 * Straight-line code of a block, as vectors. Each instruction is emitted at the depth of the innermost loop that it
 * depends on. Several vectors `u` side by side share what does not vary along the lanes.
 */
export class Body {
  /** The linears in use. */
  readonly linears = new Set<number>();
  /** How many vectors are emitted side by side. */
  vectors = 1;
  /** The distance of vector u from the first, in units of the linear. */
  shift: (linear: number, u: number) => number;

  private lanes = 1;
  private lastLanes = 1;
  private readonly depths: number[] = [];
  private readonly varies: boolean[] = [];
  private readonly uses: number[];
  private readonly single: boolean[] = [];
  private readonly plans = new Map<Access | Inst, AccessPlan>();
  private looksUp = false;
  private readonly indices = new Map<Inst, Place>();
  private readonly values: Expr[][] = [];
  private site!: Site;

  constructor(
    private readonly all: Linears,
    private readonly options: BodyOptions,
  ) {
    const { code, stores, results, lanesAxis, width, deepest } = options;
    this.uses = code.map(() => 0);
    const accesses = [...stores.map(({ at }) => at), ...code.flatMap((inst) => (inst.op === 'load' ? [inst.at] : []))];
    const firstUsers = code.map(() => -1);
    code.forEach((inst, i) => {
      for (const id of operandsOf(inst)) {
        this.uses[id]++;
        if (firstUsers[id] < 0) firstUsers[id] = i;
      }
    });
    for (const { value } of stores) this.uses[value]++;
    // these are used more than once: they must be kept
    for (const id of results) this.uses[id] += 2;
    for (const { by = [] } of accesses) for (const { value } of by) this.uses[value] += 2;
    code.forEach((inst, i) => {
      if (inst.op === 'load') this.plan(inst.at, inst.dtype, inst.at);
      if (inst.op === 'index') this.indices.set(inst, this.number(inst.at));
      this.depths[i] = this.depthOf(inst);
      this.varies[i] = this.variesAlong(inst);
    });
    for (const { at, value } of stores) this.plan(at, code[value].dtype, at);
    // computed where it is used: the only use, there and as often
    code.forEach((_, i) => {
      const user = firstUsers[i];
      this.single[i] =
        this.uses[i] === 1 &&
        (user < 0
          ? this.depths[i] === deepest && !this.isWritten(code[i])
          : this.depths[i] === this.depths[user] && this.varies[i] === this.varies[user] && !this.isWritten(code[i]));
    });
    this.shift = (linear, u) => (lanesAxis < 0 ? 0 : u * width * this.all.all[linear].stride[lanesAxis]);
  }

  attach(site: Site): void {
    this.site = site;
  }

  /** From here on: so many vectors side by side, of which so many lanes count, in the last one perhaps fewer. */
  resize(vectors: number, lanes: number, lastLanes = lanes): void {
    this.vectors = vectors;
    this.lanes = lanes;
    this.lastLanes = lastLanes;
  }

  /** How many lanes of vector u count. */
  count(u: number): number {
    return u === this.vectors - 1 ? this.lastLanes : this.lanes;
  }

  /** Emits the instructions of one depth. */
  enter(depth: number): void {
    for (const plan of this.plans.values()) this.checkBounds(plan, depth);
    this.options.code.forEach((inst, i) => {
      if (this.depths[i] !== depth) return;
      this.values[i] = [];
      for (let u = 0; u < (this.varies[i] ? this.vectors : 1); u++) {
        const value = this.instruction(inst, i, u);
        this.values[i][u] = this.single[i] || inst.op === 'const' ? value() : this.site.o.keep(value());
      }
      this.placeIndirections(i);
    });
  }

  /** The value of an instruction in vector u. */
  value(i: number, u: number): Expr {
    return this.values[i][this.varies[i] ? u : 0];
  }

  /** Does the stores. */
  store(): void {
    const { o } = this.site;
    for (const { at, value, mode } of this.options.stores) {
      const plan = this.plans.get(at)!;
      const us = Array.from({ length: this.vectors }, (_, u) => u);
      let values = us.map((u) => {
        const x = this.value(value, u);
        return plan.dtype === 'bool' ? o.and(x, o.int(1)) : x;
      });
      if (mode === 'set' && o.target.pairsVectors) {
        // nothing between the stores of a pair
        values = values.map((x) => o.keep(x));
        us.sort(inPairs);
      }
      for (const u of us) {
        if (mode === 'set') this.write(plan, values[u], u, this.varies[value]);
        else this.accumulate(plan, values[u], u);
      }
    }
  }

  private isWritten(inst: Inst): boolean {
    return inst.op === 'load' && this.options.written.has(inst.at.buffer);
  }

  private depthOf(inst: Inst): number {
    const { priorDepth, deepest } = this.options;
    if (inst.op === 'acc' || this.isWritten(inst)) return deepest;
    const own =
      inst.op === 'prior'
        ? priorDepth
        : inst.op === 'index'
          ? this.depthAlong(inst.at)
          : inst.op === 'load'
            ? Math.max(this.depthAlong(inst.at.index), ...(inst.at.bounds ?? []).map(({ at }) => this.depthAlong(at)))
            : 0;
    return Math.max(own, ...operandsOf(inst).map((id) => this.depths[id]));
  }

  private depthAlong({ stride }: Affine): number {
    return Math.max(0, ...stride.map((s, axis) => (s ? (this.options.depth.get(axis) ?? 0) : 0)));
  }

  private variesAlong(inst: Inst): boolean {
    const { lanesAxis, depth, priorDepth } = this.options;
    if (lanesAxis < 0) return false;
    if (inst.op === 'acc') return true;
    // a reduction gives every lane its own result if the lanes lie along an outer axis
    if (inst.op === 'prior') return depth.get(lanesAxis)! < priorDepth;
    const along = ({ stride }: Affine) => stride[lanesAxis] !== 0;
    return (
      (inst.op === 'index' && along(inst.at)) ||
      (inst.op === 'load' && (along(inst.at.index) || (inst.at.bounds ?? []).some(({ at }) => along(at)))) ||
      operandsOf(inst).some((id) => this.varies[id])
    );
  }

  private number(affine: Affine): Place {
    return this.use(this.all.place(-1, affine, 1));
  }

  private use(place: Place): Place {
    this.linears.add(place.linear);
    return place;
  }

  private plan(access: Access, dtype: DType, key: Access): void {
    const { lanesAxis } = this.options;
    const bytes = deviceBytes(dtype);
    const along = ({ stride }: Affine) => (lanesAxis < 0 ? 0 : stride[lanesAxis]);
    const none = { base: 0, stride: access.index.stride.map(() => 0) };
    const by = (access.by ?? []).map(({ value, stride, limit, fault }) => ({
      value,
      stride: stride * bytes,
      limit,
      fault: this.use(this.all.place(fault, none, 4)),
    }));
    const bounds = (access.bounds ?? []).map(({ at, lo, hi }) => ({
      place: this.number(at),
      stride: along(at),
      lo,
      size: Math.max(0, hi - lo),
      depth: this.depthAlong(at),
    }));
    this.looksUp ||= by.length > 0;
    this.plans.set(key, {
      access,
      dtype,
      bytes,
      place: this.use(this.all.place(access.buffer, access.index, bytes, bounds.length > 0)),
      stride: along(access.index),
      by,
      bounds: bounds.filter(({ stride }) => stride === 0),
      laneBounds: bounds.filter(({ stride }) => stride !== 0),
      inside: [],
      scattered: by.some(({ value }) => this.varies[value]),
    });
  }

  /** A function that emits what must be done first and returns the value. */
  private instruction(inst: Inst, i: number, u: number): () => Expr {
    const { o, args, scalars, nest } = this.site;
    const { fn } = o;
    const { dtype } = inst;
    const shape = shapeOf(dtype);
    switch (inst.op) {
      case 'const': {
        const arg = inst.arg;
        const limits =
          dtype === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : dtype === 'uint32' ? [0, 2 ** 32 - 1] : undefined;
        const value = limits && !(arg >= limits[0] && arg <= limits[1]) ? (arg > 0 ? limits[1] : arg < 0 ? limits[0] : 0) : arg; // prettier-ignore
        return () => o.constant(value, dtype);
      }
      case 'scalar':
        return () => {
          const splat = () => void fn.get(args).memory('v128.load64_splat', scalars + inst.arg * 8);
          if (dtype === 'bool') return narrow(o, o.op('f64x2.ne', splat, o.int(0)), 'float64');
          return () => {
            fn.get(args).memory('f64.load', scalars + inst.arg * 8);
            if (dtype === 'float32') fn.op('f32.demote_f64');
            else if (dtype !== 'float64') fn.op(`i32.trunc_sat_f64_${dtype === 'uint32' ? 'u' : 's'}`);
            fn.op(`${shape}.splat`);
          };
        };
      case 'index': {
        const { linear, offset } = this.indices.get(inst)!;
        const step = this.options.lanesAxis < 0 ? 0 : inst.at.stride[this.options.lanesAxis];
        return () => () => {
          fn.get(nest.at[linear])
            .plus(offset + this.shift(linear, u))
            .op('i32x4.splat');
          if (step === 0) return;
          fn.constant(new Uint8Array(Int32Array.of(0, step, 2 * step, 3 * step).buffer))();
          fn.op('i32x4.add');
        };
      }
      case 'load':
        return () => this.load(this.plans.get(inst.at)!, u, this.varies[i]);
      case 'prior':
      case 'acc':
        return () => this.options.given!(inst, u);
      default: {
        const operands = inst.in.map((id): Operand => {
          const from = this.options.code[id];
          return {
            value: this.value(id, u),
            dtype: from.dtype,
            literal: from.op === 'const' ? from.arg : undefined,
          };
        });
        return () => {
          const uniform = !this.varies[i];
          // helpers emit code when they are called: only where the value is wanted
          return this.single[i] ? () => compute(o, inst, operands, this.count(u), uniform)() : compute(o, inst, operands, this.count(u), uniform); // prettier-ignore
        };
      }
    }
  }

  /** Indirections that all lanes share are clamped once, where their index becomes known. */
  private placeIndirections(i: number): void {
    if (!this.looksUp || this.varies[i]) return;
    for (const plan of this.plans.values()) {
      if (hasBounds(plan)) continue;
      for (const by of plan.by) {
        if (by.value !== i) continue;
        by.local = this.site.o.fn.local('i32');
        this.clamp(by, 0, 0);
        this.site.o.fn.set(by.local);
      }
    }
  }

  /** Pushes what an indirection adds to the address of a lane, in bytes. */
  private clamp({ value, stride, limit, fault }: By, u: number, lane: number): void {
    const { o, nest } = this.site;
    const { fn } = o;
    fn.scope(() => {
      const index = fn.local('i32');
      o.extract(this.value(value, u), this.varies[value] ? lane : 0, 'i32x4')();
      fn.tee(index).i32(limit).op('i32.ge_u');
      fn.if(() => {
        const cell = (): typeof fn => fn.get(nest.at[fault.linear]).plus(fault.offset);
        cell().i32(1).memory('i32.store', 0);
        cell().get(index).memory('i32.store', 4);
        cell().i32(limit).memory('i32.store', 8);
        fn.i32(0)
          .i32(limit - 1)
          .get(index)
          .i32(0)
          .op('i32.lt_s')
          .op('select')
          .set(index);
      });
      fn.get(index).times(stride);
    });
  }

  /** Pushes the address of a lane and returns the offset that the memory instruction adds. */
  private address(plan: AccessPlan, u: number, lane: number): number {
    const { fn } = this.site.o;
    const { linear, offset } = plan.place;
    fn.get(this.site.nest.at[linear]);
    for (const by of plan.by) {
      if (by.local !== undefined && !hasBounds(plan) && !this.varies[by.value]) fn.get(by.local);
      else this.clamp(by, u, lane);
      fn.op('i32.add');
    }
    const total = offset + this.shift(linear, u) + lane * plan.stride * plan.bytes;
    // an address outside the buffer may be below 0, and a memory instruction's own addition does not wrap
    if (total >= 0 && !hasBounds(plan)) return total;
    fn.plus(total);
    return 0;
  }

  /** Notes whether the bounds hold that all lanes share and that are known at a depth. */
  private checkBounds({ bounds, inside }: AccessPlan, depth: number): void {
    const { fn } = this.site.o;
    while (inside.length > 0 && inside[inside.length - 1].depth >= depth) inside.pop();
    const own = bounds.filter((bound) => bound.depth === depth);
    if (own.length === 0) return;
    const outer = inside[inside.length - 1];
    if (outer) fn.get(outer.local);
    own.forEach((bound, i) => {
      this.pushNumber(bound, 0).i32(bound.size).op('i32.lt_u');
      if (outer || i > 0) fn.op('i32.and');
    });
    const local = fn.local('i32');
    fn.set(local);
    inside.push({ depth, local });
  }

  /** Pushes a bound's number, less the least allowed, in the first lane of vector u. */
  private pushNumber({ place, lo }: Bound, u: number): FunctionBuilder {
    const { linear, offset } = place;
    return this.site.o.fn.get(this.site.nest.at[linear]).plus(offset + this.shift(linear, u) - lo);
  }

  private load(plan: AccessPlan, u: number, varies: boolean): Expr {
    const { o } = this.site;
    const { fn } = o;
    const read = (): void => this.read(plan, u, varies);
    const { inside, laneBounds, scattered, stride, bytes } = plan;
    const known = inside[inside.length - 1];
    const shared = known && (() => void fn.get(known.local));
    const lanes = this.count(u);
    let value: Expr = read;
    if (laneBounds.length > 0) {
      const numbers = laneBounds.map((bound) => ({ ...bound, push: () => this.pushNumber(bound, u) }));
      const reach = scattered ? undefined : Math.abs((lanes - 1) * stride * bytes);
      const address = (lane: number) => this.address(plan, u, lane);
      value = loadInside(o, numbers, { lanes, bits: bytes * 8, shared, read, address, reach });
    } else if (shared)
      value = () => {
        shared();
        fn.if(read, o.int(0), 'v128');
      };
    return plan.dtype === 'bool' ? o.op('i32x4.ne', value, o.int(0)) : value;
  }

  /** Pushes the lanes at the places of an access. */
  private read(plan: AccessPlan, u: number, varies: boolean): void {
    const { fn } = this.site.o;
    const lanes = this.count(u);
    const bits = plan.bytes * 8;
    const whole = 128 / bits;
    if (!varies || (plan.stride === 0 && !plan.scattered)) {
      const offset = this.address(plan, u, 0);
      fn.memory(`v128.load${bits}_splat`, offset);
    } else if (plan.stride === 1 && !plan.scattered) {
      const offset = this.address(plan, u, 0);
      fn.memory(lanes === whole ? 'v128.load' : lanes === 1 ? `v128.load${bits}_zero` : 'v128.load64_zero', offset);
      if (lanes === 3) this.insert(plan, u, 2);
    } else if (plan.stride === 1 / 2) {
      const offset = this.address(plan, u, 0);
      if (lanes === 2) fn.memory('v128.load32_splat', offset);
      else {
        const kept = this.site.o.keep(() => fn.memory('v128.load64_zero', offset));
        this.site.o.shuffle(kept, kept, [0, 0, 1, 1])();
      }
    } else if (plan.stride === 2 && !plan.scattered && plan.by.length === 0 && lanes === 4) {
      // two vectors, of which the second ends where the last lane does
      const { linear, offset } = plan.place;
      const at = offset + this.shift(linear, u);
      const half = (distance: number) => () => {
        fn.get(this.site.nest.at[linear]);
        if (at < 0 || hasBounds(plan)) fn.plus(at + distance).memory('v128.load', 0);
        else fn.memory('v128.load', at + distance);
      };
      this.site.o.shuffle(half(0), half(12), [0, 2, 5, 7])();
    } else if (plan.stride === -1 && !plan.scattered && lanes === whole) {
      const offset = this.address(plan, u, lanes - 1);
      const kept = this.site.o.keep(() => fn.memory('v128.load', offset));
      this.site.o.shuffle(kept, kept, whole === 4 ? [3, 2, 1, 0] : [2, 3, 0, 1])();
    } else {
      const offset = this.address(plan, u, 0);
      fn.memory(`v128.load${bits}_zero`, offset);
      for (let lane = 1; lane < lanes; lane++) this.insert(plan, u, lane);
    }
  }

  /** Loads one lane of the vector on the stack. */
  private insert(plan: AccessPlan, u: number, lane: number): void {
    const { fn } = this.site.o;
    const vector = fn.local('v128');
    fn.set(vector);
    const offset = this.address(plan, u, lane);
    fn.get(vector).memory(`v128.load${plan.bytes * 8}_lane`, offset, lane);
  }

  private write(plan: AccessPlan, value: Expr, u: number, varies: boolean): void {
    const { o } = this.site;
    const { fn } = o;
    const lanes = this.count(u);
    const bits = plan.bytes * 8;
    if (plan.stride === 1 && !plan.scattered && lanes * bits === 128) {
      const offset = this.address(plan, u, 0);
      value();
      fn.memory('v128.store', offset);
      return;
    }
    const kept = o.keep(value);
    const lane = (to: number, from: number, size: number) => {
      const offset = this.address(plan, u, to);
      kept();
      fn.memory(`v128.store${size}_lane`, offset, from);
    };
    // all lanes in one place: the last one stays
    if (plan.stride === 0 && !plan.scattered) lane(0, varies ? lanes - 1 : 0, bits);
    else if (plan.stride === 1 && !plan.scattered && bits === 32 && lanes > 1) {
      lane(0, 0, 64);
      if (lanes === 3) lane(2, 2, 32);
    } else for (let i = 0; i < lanes; i++) lane(i, i, bits);
  }

  /** Scatter: adds to what is there, lane by lane where lanes may meet. */
  private accumulate(plan: AccessPlan, value: Expr, u: number): void {
    const { o } = this.site;
    const { fn } = o;
    const shape = shapeOf(plan.dtype);
    if (plan.stride === 1 && !plan.scattered) {
      this.write(
        plan,
        o.op(`${shape}.add`, () => this.read(plan, u, true), value),
        u,
        true,
      );
      return;
    }
    const kept = o.keep(value);
    const scalar = shape.slice(0, 3);
    fn.scope(() => {
      const address = fn.local('i32');
      for (let lane = 0; lane < this.count(u); lane++) {
        const offset = this.address(plan, u, lane);
        fn.tee(address).get(address).memory(`${scalar}.load`, offset);
        o.extract(kept, lane, shape)();
        fn.op(`${scalar}.add`).memory(`${scalar}.store`, offset);
      }
    });
  }
}

function hasBounds({ bounds, laneBounds }: AccessPlan): boolean {
  return bounds.length + laneBounds.length > 0;
}

/**
 * The order in which neighbouring vectors are stored where the engine pairs them: upper before lower, since a pair written
 * at once is to fail before any of it is there.
 */
export function inPairs(u: number, v: number): number {
  return (u ^ 1) - (v ^ 1);
}

export function operandsOf(inst: Inst): Ids {
  return 'in' in inst ? inst.in : inst.op === 'load' ? (inst.at.by ?? []).map(({ value }) => value) : [];
}
