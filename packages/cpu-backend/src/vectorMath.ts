/**
 * Elementary functions of four float32 lanes, within about two units in the last place. The polynomials are our own
 * minimax fits, rounded to float32.
 */
import type { Expr } from './assembler.js';
import type { Lanes } from './lanes.js';

/** ln 2 in two parts: the first has so few bits that its multiples by an exponent are exact. */
const LN2_HIGH = 0.693359375;
const LN2_LOW = Math.LN2 - LN2_HIGH;
/** Adding it rounds a small float to an integer n, which then stands in the low bits as n + 254. */
const ROUND = 1.5 * 2 ** 23 + 254;

export function exp(o: Lanes, argument: Expr): Expr {
  const { add, sub, mul, and } = o;
  // beyond these the result is 0 or infinite; a NaN passes
  const x = o.keep(o.op('f32x4.pmin', o.op('f32x4.pmax', argument, o.float(-105)), o.float(89)));
  const rounded = o.keep(o.madd(x, o.float(Math.LOG2E), o.float(ROUND)));
  const n = o.keep(sub(rounded, o.float(ROUND)));
  const high = o.madd(n, o.float(-LN2_HIGH), x);
  const r = o.keep(o.madd(n, o.float(-LN2_LOW), high));
  const square = o.keep(mul(r, r));
  // pairs of terms, so that fewer wait for each other
  const pair = (low: number, up: number) => o.madd(r, o.float(up), o.float(low));
  const q = o.madd(pair(0.0418903306, 0.008312501), square, pair(0.499992311, 0.166671157));
  const p = add(o.madd(square, q, r), o.float(1));
  // 2^n as a product of two powers, since n may lie outside the range of exponents; 127 is in each of them already
  const half = o.keep(and(o.shift('shl', rounded, 22), o.int(0xff800000)));
  return mul(mul(p, half), o.op('i32x4.sub', o.shift('shl', rounded, 23), half));
}

export function log(o: Lanes, argument: Expr): Expr {
  const { add, sub, mul, and } = o;
  const x = o.keep(argument);
  const small = o.keep(o.op('f32x4.lt', x, o.float(2 ** -126)));
  const normal = o.choose(small, mul(x, o.float(2 ** 23)), x);
  // x = 2^e · (1 + f) with 1 + f between √½ and √2
  const sqrtHalf = o.int(0x3f3504f3);
  const bits = o.keep(o.op('i32x4.sub', normal, sqrtHalf));
  const exponent = o.op('f32x4.convert_i32x4_s', o.shift('shr_s', bits, 23));
  const e = o.keep(sub(exponent, and(small, o.float(23))));
  const f = o.keep(sub(o.op('i32x4.add', and(bits, o.int(0x7fffff)), sqrtHalf), o.float(1)));
  const z = o.keep(mul(f, f));
  const coefficients = [
    0.333333313, -0.250008196, 0.200012267, -0.166233569, 0.142017573, -0.131601825, 0.127615765, -0.0763449669,
  ];
  const cubic = mul(mul(f, z), o.polynomial(f, coefficients));
  const tail = sub(o.madd(e, o.float(LN2_LOW), cubic), mul(z, o.float(0.5)));
  const result = o.madd(e, o.float(LN2_HIGH), add(tail, f));
  // a mask is a NaN: log of a negative number; +∞ and NaN stay
  const negative = o.or(x, o.op('f32x4.lt', x, o.float(0)));
  const special = o.choose(o.op('f32x4.eq', x, o.float(0)), o.float(-Infinity), negative);
  const ordinary = and(o.op('f32x4.gt', x, o.float(0)), o.op('f32x4.lt', x, o.float(Infinity)));
  return o.choose(ordinary, result, special);
}

/** π/2 in two parts: multiples of the first by less than 2^20 are exact in float64. */
const HALF_PI_HIGH = 1.5707963267341256;
const HALF_PI_LOW = 6.077100506506192e-11;

function sine(o: Lanes, argument: Expr, name: 'sin' | 'cos', lanes: number, uniform: boolean): Expr {
  const { fn, add, mul } = o;
  const x = o.keep(argument);
  const double = (value: number) => o.constant(value, 'float64');
  const [low, high] = [x, o.upper(x)].map((half) => {
    const d = o.keep(o.op('f64x2.promote_low_f32x4', half));
    const n = o.keep(o.op('f64x2.nearest', o.op('f64x2.mul', d, double(2 / Math.PI))));
    const times = (part: number) => o.op('f64x2.mul', n, double(part));
    const r = o.op('f64x2.sub', o.op('f64x2.sub', d, times(HALF_PI_HIGH)), times(HALF_PI_LOW));
    return {
      r: o.keep(o.op('f32x4.demote_f64x2_zero', r)),
      n: o.keep(o.op('i32x4.trunc_sat_f64x2_s_zero', n)),
    };
  });
  const r = o.keep(o.join(low.r, high.r));
  const turns = o.join(low.n, high.n);
  const quadrant = o.keep(name === 'cos' ? o.op('i32x4.add', turns, o.int(1)) : turns);
  const z = o.keep(mul(r, r));
  const odd = o.madd(mul(r, z), o.polynomial(z, [-0.166666552, 0.00833215564, -0.000195146305]), r);
  const fourth = mul(mul(z, z), o.polynomial(z, [0.0416666456, -0.00138873095, 2.44324128e-5]));
  const even = add(o.sub(fourth, mul(z, o.float(0.5))), o.float(1));
  const isOdd = o.shift('shr_s', o.shift('shl', quadrant, 31), 31);
  const sign = o.shift('shl', o.shift('shr_u', quadrant, 1), 31);
  const result = fn.local('v128');
  o.op('v128.xor', o.choose(isOdd, even, odd), sign)();
  fn.set(result);
  // far out the reduction is not exact enough
  o.op('v128.any_true', o.op('f32x4.gt', o.op('f32x4.abs', x), o.float(1e6)))();
  fn.if(() => {
    o.host(name, [x], 'float32', lanes, uniform)();
    fn.set(result);
  });
  return () => fn.get(result);
}

export const sin = (o: Lanes, x: Expr, lanes: number, uniform: boolean): Expr => sine(o, x, 'sin', lanes, uniform);
export const cos = (o: Lanes, x: Expr, lanes: number, uniform: boolean): Expr => sine(o, x, 'cos', lanes, uniform);

/** An odd function: near 0 a polynomial, elsewhere `far` of |x|. */
function oddFunction(o: Lanes, argument: Expr, near: number, coefficients: readonly number[], far: (a: Expr) => Expr) {
  const x = o.keep(argument);
  const a = o.keep(o.op('f32x4.abs', x));
  const z = o.keep(o.mul(x, x));
  const small = o.keep(o.madd(x, o.polynomial(z, coefficients), x));
  const large = o.keep(far(a));
  return o.or(o.choose(o.op('f32x4.lt', a, o.float(near)), small, large), o.and(x, o.float(-0)));
}

export function tanh(o: Lanes, x: Expr): Expr {
  const coefficients = [0, -0.333332807, 0.133314416, -0.0537397116, 0.0206390787, -0.00570497848];
  return oddFunction(o, x, 0.625, coefficients, (a) => {
    const e = exp(o, o.op('f32x4.pmin', o.add(a, a), o.float(20)));
    return o.sub(o.float(1), o.op('f32x4.div', o.float(2), o.add(e, o.float(1))));
  });
}

export function erf(o: Lanes, x: Expr): Expr {
  const coefficients = [
    0.128379166, -0.37612626, 0.112835854, -0.026853811, 0.00518832728, -0.000801019138, 7.85385419e-5,
  ];
  // beyond 1: 1 - erfc, whose logarithm is nearly a polynomial
  const logOfErfc = [
    -0.000341512583, -1.12708926, -0.638144732, -0.103106819, 0.0218380969, -0.00294766668, 0.000186380086,
  ];
  return oddFunction(o, x, 1, coefficients, (a) => {
    const clamped = o.keep(o.op('f32x4.pmin', a, o.float(4)));
    return o.sub(o.float(1), exp(o, o.polynomial(clamped, logOfErfc)));
  });
}

/** The first word of Threefry-2x32 with 20 rounds, of the counter (counter, 0). */
export function threefry(o: Lanes, key0: Expr, key1: Expr, counter: Expr): Expr {
  const { fn } = o;
  const add = (a: Expr, b: Expr) => o.op('i32x4.add', a, b);
  const xor = (a: Expr, b: Expr) => o.op('v128.xor', a, b);
  const k0 = o.keep(key0);
  const k1 = o.keep(key1);
  const keys = [k0, k1, o.keep(xor(xor(k0, k1), o.int(0x1bd11bda)))];
  const [x0, x1] = [fn.local('v128'), fn.local('v128')];
  const [get0, get1] = [() => void fn.get(x0), () => void fn.get(x1)];
  const assign = (local: number, value: Expr) => {
    value();
    fn.set(local);
  };
  assign(x0, add(counter, k0));
  assign(x1, k1);
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8];
    assign(x0, add(get0, get1));
    assign(x1, xor(o.or(o.shift('shl', get1, by), o.shift('shr_u', get1, 32 - by)), get0));
    if (round % 4 === 3) {
      const turn = (round + 1) / 4;
      assign(x0, add(get0, keys[turn % 3]));
      assign(x1, add(get1, add(keys[(turn + 1) % 3], o.int(turn))));
    }
  }
  return get0;
}
