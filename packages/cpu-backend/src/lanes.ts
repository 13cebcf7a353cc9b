import type { DType } from '@kindling/core';
import type { Expr, FunctionBuilder, ModuleBuilder } from './assembler.js';
import type { Target } from './target.js';

/** How WebAssembly names the lanes of a dtype. Integers and bool differ by the signedness of some operations only. */
export function shapeOf(dtype: DType): 'f32x4' | 'f64x2' | 'i32x4' {
  return dtype === 'float32' ? 'f32x4' : dtype === 'float64' ? 'f64x2' : 'i32x4';
}

/** Vector expressions of one function. An operand used twice must be kept first. */
export class Lanes {
  private readonly constants = new Map<string, Expr>();

  constructor(
    readonly fn: FunctionBuilder,
    readonly module: ModuleBuilder,
    readonly target: Target,
  ) {}

  op(name: string, ...operands: Expr[]): Expr {
    return () => {
      for (let i = 0; i < operands.length; i++) operands[i]();
      this.fn.op(name);
    };
  }

  /** Evaluates now, into a local of the current scope. */
  keep(value: Expr): Expr {
    const local = this.fn.local('v128');
    value();
    this.fn.set(local);
    return () => this.fn.get(local);
  }

  /** The same number in all lanes. Most are used again and again. */
  constant(value: number, dtype: DType): Expr {
    const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
    let constant = this.constants.get(key);
    if (constant === undefined) this.constants.set(key, (constant = this.splat(value, dtype)));
    return constant;
  }

  private splat(value: number, dtype: DType): Expr {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < 16; at += dtype === 'float64' ? 8 : 4) {
      if (dtype === 'float64') view.setFloat64(at, value, true);
      else if (dtype === 'float32') view.setFloat32(at, value, true);
      else view.setInt32(at, dtype === 'bool' ? -Number(value !== 0) : value, true);
    }
    return this.fn.constant(bytes);
  }

  float(value: number): Expr {
    return this.constant(value, 'float32');
  }

  int(value: number): Expr {
    return this.constant(value, 'int32');
  }

  add = (a: Expr, b: Expr): Expr => this.op('f32x4.add', a, b);
  sub = (a: Expr, b: Expr): Expr => this.op('f32x4.sub', a, b);
  mul = (a: Expr, b: Expr): Expr => this.op('f32x4.mul', a, b);
  and = (a: Expr, b: Expr): Expr => this.op('v128.and', a, b);
  or = (a: Expr, b: Expr): Expr => this.op('v128.or', a, b);

  /** a·b + c, rounded once or twice. */
  madd(a: Expr, b: Expr, c: Expr, shape = 'f32x4'): Expr {
    if (this.target.fusedMultiplyAdd && shape !== 'i32x4') return this.op(`${shape}.relaxed_madd`, a, b, c);
    return this.op(`${shape}.add`, this.op(`${shape}.mul`, a, b), c);
  }

  /** A polynomial in x, lowest coefficient first. */
  polynomial(x: Expr, coefficients: readonly number[]): Expr {
    const [first, ...rest] = coefficients.map((c) => this.float(c)).reverse();
    return rest.reduce((sum, c) => this.madd(sum, x, c), first);
  }

  /** mask ? a : b, bit by bit. */
  choose(mask: Expr, a: Expr, b: Expr): Expr {
    return this.op('v128.bitselect', a, b, mask);
  }

  shift(name: 'shl' | 'shr_s' | 'shr_u', a: Expr, by: number): Expr {
    return () => {
      a();
      this.fn.i32(by).op(`i32x4.${name}`);
    };
  }

  /** 32-bit lanes picked from the eight of a and b. */
  shuffle(a: Expr, b: Expr, lanes: readonly number[]): Expr {
    return () => {
      a();
      b();
      this.fn.op('i8x16.shuffle', ...lanes.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)));
    };
  }

  /** The first halves of two vectors. */
  join(low: Expr, high: Expr): Expr {
    return this.shuffle(low, high, [0, 1, 4, 5]);
  }

  /** The second half of a kept vector as the first. */
  upper(a: Expr): Expr {
    return this.shuffle(a, a, [2, 3, 2, 3]);
  }

  extract(a: Expr, lane: number, shape: string): Expr {
    return () => {
      a();
      this.fn.op(`${shape}.extract_lane`, lane);
    };
  }

  /**
   * The first lane in all of them. Said of lanes that are alike anyway, it ends what an engine looks at that pairs vectors:
   * it would pair a vector with itself, and with it all that it was made of, which is then not there for others.
   */
  alike(a: Expr, shape: string): Expr {
    return this.keep(this.op(`${shape}.splat`, this.extract(a, 0, shape)));
  }

  /**
   * One lane after another: `scalar` is given the lane and pushes its result, which replaces that lane of a zero
   * vector. If all lanes are alike, the first is computed and spread.
   */
  each(count: number, uniform: boolean, shape: string, scalar: (lane: number) => void): Expr {
    const { fn } = this;
    if (uniform) {
      return this.keep(() => {
        scalar(0);
        fn.op(`${shape}.splat`);
      });
    }
    const result = fn.local('v128');
    this.int(0)();
    for (let lane = 0; lane < count; lane++) {
      scalar(lane);
      fn.op(`${shape}.replace_lane`, lane);
    }
    fn.set(result);
    return () => fn.get(result);
  }

  /** A host function of f64 numbers, lane by lane. */
  host(name: string, operands: readonly Expr[], dtype: DType, count: number, uniform: boolean): Expr {
    const { fn } = this;
    const index = this.module.host(name);
    const shape = shapeOf(dtype);
    const kept = operands.map((operand) => this.keep(operand));
    return this.each(count, uniform, shape, (lane) => {
      for (const operand of kept) {
        this.extract(operand, lane, shape)();
        if (dtype === 'float32') fn.op('f64.promote_f32');
      }
      fn.call(index);
      if (dtype === 'float32') fn.op('f32.demote_f64');
    });
  }
}
