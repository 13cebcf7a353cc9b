import type { Reduce } from '@kindling/compiler';
import { isFloat, type DType } from '@kindling/core';
import type { Expr } from './assembler.js';
import { compare, narrow } from './instructions.js';
import { shapeOf, type Lanes } from './lanes.js';

/** One running reduction of one vector: values, and for argmax and argmin their positions, or where a NaN was seen. */
interface State {
  readonly value: number;
  readonly extra: number;
}

/** A reduction and its code; `across` the lanes or in each lane by itself. */
class Reduction {
  readonly shape: string;
  private readonly position: boolean;
  private readonly sign: 'max' | 'min';

  constructor(
    readonly o: Lanes,
    readonly reduce: Reduce,
    readonly dtype: DType,
  ) {
    this.shape = shapeOf(dtype);
    this.position = reduce.op.startsWith('arg');
    this.sign = reduce.op.endsWith('min') ? 'min' : 'max';
  }

  get resultShape(): string {
    return this.position ? 'i32x4' : this.shape;
  }

  get isFloatSum(): boolean {
    return this.reduce.op === 'sum' && isFloat(this.dtype);
  }

  create(): State {
    const { fn } = this.o;
    return { value: fn.local('v128'), extra: fn.local('v128') };
  }

  reset(state: State): void {
    const { fn } = this.o;
    this.o.constant(this.identity(), this.dtype)();
    fn.set(state.value);
    if (!this.usesExtra) return;
    // a position after all others: any element takes its place
    this.o.int(this.position ? 0x7fffffff : 0)();
    fn.set(state.extra);
  }

  /** Takes one vector of elements, of which the first `lanes` count. */
  feed(state: State, element: Expr, position: Expr, masked: Expr | undefined): void {
    const { o } = this;
    const x = o.keep(element);
    const floatExtreme = this.usesExtra && !this.position;
    const seen = floatExtreme ? o.keep(o.op(`${this.shape}.ne`, x, x)) : position;
    this.merge(state, x, seen, masked && o.keep(masked));
  }

  /** Takes another vector of results. */
  merge(state: State, x: Expr, extra: Expr, mask?: Expr): void {
    const { o } = this;
    const { fn } = o;
    const value = () => void fn.get(state.value);
    const own = () => void fn.get(state.extra);
    const assign = (local: number, result: Expr, where: Expr | undefined) => {
      (where ? o.choose(where, result, () => fn.get(local)) : result)();
      fn.set(local);
    };
    if (this.position) {
      const further = this.better(x, value, extra, own);
      const better = o.keep(mask ? o.and(further, mask) : further);
      const narrowed = o.keep(narrow(o, better, this.dtype));
      assign(state.value, x, better);
      assign(state.extra, extra, narrowed);
      return;
    }
    assign(state.value, this.combine(value, x), mask);
    if (this.usesExtra) assign(state.extra, o.or(own, extra), mask);
  }

  /**
   * Takes the results of a vector beside it. An addition of integers there is what V8, where it pairs vectors, makes something
   * of its own of, and gets wrong beside another reduction; a subtraction is not.
   */
  join(state: State, x: Expr, extra: Expr): void {
    const { o } = this;
    if (!o.target.pairsVectors || this.reduce.op !== 'sum' || isFloat(this.dtype)) return this.merge(state, x, extra);
    o.op('i32x4.sub', () => o.fn.get(state.value), o.op('i32x4.neg', x))();
    o.fn.set(state.value);
  }

  /** Replaces every lane by the result over all. */
  across(state: State, width: number): void {
    const { o } = this;
    const { fn } = o;
    const value = () => void fn.get(state.value);
    const extra = () => void fn.get(state.extra);
    const wide = this.dtype === 'float64';
    const pairs = [1, 0, 3, 2];
    const halves = [2, 3, 0, 1];
    for (const order of wide ? [halves] : width === 4 ? [halves, pairs] : [pairs]) {
      const x = o.keep(o.shuffle(value, value, order));
      // positions of float64 lanes lie in the first two of four
      const y = o.keep(o.shuffle(extra, extra, wide && this.position ? pairs : order));
      this.merge(state, x, y);
    }
  }

  /** The result of each lane; of type int32 for positions. */
  result(state: State, empty: boolean): Expr {
    const { fn } = this.o;
    if (this.position) return empty ? this.o.int(0) : () => fn.get(state.extra);
    const value = () => void fn.get(state.value);
    // a mask of ones is a NaN
    return this.usesExtra ? this.o.keep(this.o.or(value, () => fn.get(state.extra))) : value;
  }

  combine(a: Expr, b: Expr): Expr {
    const { o, dtype, shape } = this;
    const { op } = this.reduce;
    if (op === 'sum' || op === 'prod') return o.op(`${shape}.${op === 'sum' ? 'add' : 'mul'}`, a, b);
    if (isFloat(dtype)) return o.op(`${shape}.p${this.sign}`, a, b);
    return o.op(`i32x4.${this.sign}_${dtype === 'int32' ? 's' : 'u'}`, a, b);
  }

  /** Float extremes remember NaNs apart, since pmax and pmin, which pass them over, are much the faster. */
  private get usesExtra(): boolean {
    const { op } = this.reduce;
    return this.position || (isFloat(this.dtype) && (op === 'max' || op === 'min'));
  }

  private identity(): number {
    const { op } = this.reduce;
    if (op === 'sum') return 0;
    if (op === 'prod') return 1;
    const greatest = this.sign === 'min';
    if (isFloat(this.dtype)) return greatest ? Infinity : -Infinity;
    if (this.dtype === 'int32') return greatest ? 0x7fffffff : -0x80000000;
    return greatest ? 0xffffffff : 0;
  }

  /** Whether x at position p goes before y at q: further out, NaN furthest, then earlier. In lanes of the dtype. */
  private better(x: Expr, y: Expr, p: Expr, q: Expr): Expr {
    const { o, dtype, shape } = this;
    const further = this.sign === 'max' ? compare(o, 'lt', y, x, dtype) : compare(o, 'lt', x, y, dtype);
    const earlier = o.op('i32x4.lt_s', p, q);
    const tie = o.and(
      compare(o, 'eq', x, y, dtype),
      dtype === 'float64' ? o.op('i64x2.extend_low_i32x4_s', earlier) : earlier,
    );
    const ordered = o.or(further, tie);
    if (!isFloat(dtype)) return ordered;
    const wide = (mask: Expr) => (dtype === 'float64' ? o.op('i64x2.extend_low_i32x4_s', mask) : mask);
    const isNaN = (v: Expr) => o.op(`${shape}.ne`, v, v);
    const nan = o.op('v128.andnot', isNaN(x), o.op('v128.andnot', isNaN(y), wide(earlier)));
    return o.or(ordered, nan);
  }
}

/** Vectors added one after another before the sum is put aside, so that long sums stay accurate. */
export const CHAIN = 64;

/** The reductions of one block, for several vectors side by side. */
export class Reductions {
  private readonly list: readonly Reduction[];
  private states: State[][] = [];
  /** Sums of sums, as the digits of a binary counter: level l holds the sum of 2^l strips. */
  private stack: number[][][] = [];
  private counter = -1;
  private flushes = 0;

  constructor(
    private readonly o: Lanes,
    reduces: readonly Reduce[],
    dtypes: readonly DType[],
  ) {
    this.list = reduces.map((reduce, r) => new Reduction(o, reduce, dtypes[r]));
  }

  get hasFloatSums(): boolean {
    return this.list.some((r) => r.isFloatSum);
  }

  /** `flushes`: how often `flush` will run; 0 for short sums. */
  start(vectors: number, flushes: number): void {
    const { fn } = this.o;
    this.flushes = flushes;
    this.states = this.list.map((reduction) => Array.from({ length: vectors }, () => reduction.create()));
    this.list.forEach((reduction, r) => this.states[r].forEach((state) => reduction.reset(state)));
    if (flushes === 0) return;
    this.counter = fn.local('i32');
    fn.i32(0).set(this.counter);
    const levels = Math.floor(Math.log2(flushes)) + 1;
    this.stack = Array.from({ length: levels }, () =>
      this.list.map((reduction) =>
        reduction.isFloatSum ? Array.from({ length: vectors }, () => fn.local('v128')) : [],
      ),
    );
  }

  feed(
    u: number,
    elements: readonly Expr[],
    positions: readonly (Expr | undefined)[],
    mask: ((wide: boolean) => Expr) | undefined,
  ): void {
    this.list.forEach((reduction, r) => {
      const wide = reduction.shape === 'f64x2';
      reduction.feed(this.states[r][u], elements[r], positions[r] ?? elements[r], mask?.(wide));
    });
  }

  /** Puts the sums aside: adds with carry to the counter's digits. */
  flush(): void {
    const { fn } = this.o;
    const sums = this.list.flatMap((reduction, r) =>
      reduction.isFloatSum ? this.states[r].map((state, u) => ({ reduction, r, u, state })) : [],
    );
    fn.block(() => {
      this.stack.forEach((level, l) => {
        fn.get(this.counter)
          .i32(2 ** l)
          .op('i32.and')
          .op('i32.eqz');
        fn.if(() => {
          for (const { r, u, state } of sums) fn.get(state.value).set(level[r][u]);
          fn.branch(1, false);
        });
        for (const { reduction, r, u, state } of sums) this.add(reduction, state, level[r][u]);
      });
    });
    for (const { reduction, state } of sums) reduction.reset(state);
    fn.get(this.counter).plus(1).set(this.counter);
  }

  /** The results, per reduction and vector; one vector of equal lanes if they go across. */
  finish(across: boolean, width: number, empty: boolean): Expr[][] {
    const { fn } = this.o;
    return this.list.map((reduction, r) => {
      const states = this.states[r];
      if (reduction.isFloatSum && this.flushes > 0) {
        this.stack.forEach((level, l) => {
          if (Math.floor(this.flushes / 2 ** l) % 2 === 1)
            states.forEach((state, u) => this.add(reduction, state, level[r][u]));
        });
      }
      if (!across) return states.map((state) => reduction.result(state, empty));
      for (let distance = 1; distance < states.length; distance *= 2) {
        for (let u = 0; u + distance < states.length; u += 2 * distance) {
          const { value, extra } = states[u + distance];
          reduction.join(
            states[u],
            () => fn.get(value),
            () => fn.get(extra),
          );
        }
      }
      reduction.across(states[0], width);
      const result = reduction.result(states[0], empty);
      return [this.o.target.pairsVectors ? this.o.alike(result, reduction.resultShape) : result];
    });
  }

  private add(reduction: Reduction, state: State, other: number): void {
    const { fn } = this.o;
    reduction.combine(
      () => fn.get(other),
      () => fn.get(state.value),
    )();
    fn.set(state.value);
  }
}
