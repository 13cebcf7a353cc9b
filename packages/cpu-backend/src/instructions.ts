import type { Inst, ScalarOp } from '@kindling/compiler';
import { isFloat, type DType } from '@kindling/core';
import type { Expr } from './assembler.js';
import { hostName } from './hostMath.js';
import { shapeOf, type Lanes } from './lanes.js';
import { cos, erf, exp, log, sin, tanh, threefry } from './vectorMath.js';

/** An operand: what pushes it, its dtype, and its number if it is a literal. */
export interface Operand {
  readonly value: Expr;
  readonly dtype: DType;
  readonly literal: number | undefined;
}

const float32 = { exp, log, tanh, erf };

/** bool lanes hold all ones for true. */
const boolOps: Readonly<Record<string, string>> = {
  add: 'or',
  mul: 'and',
  max: 'or',
  min: 'and',
  sub: 'xor',
  and: 'and',
  or: 'or',
  xor: 'xor',
  ne: 'xor',
};

/**
 * The value of a scalar operation, cast or bitcast, of `lanes` lanes which are all alike if `uniform`. In a kernel
 * with float64, two lanes are computed and those of 4 bytes are the first two of four.
 */
export function compute(
  o: Lanes,
  inst: Inst & { in: unknown },
  operands: readonly Operand[],
  lanes: number,
  uniform: boolean,
): Expr {
  const { op, dtype } = inst;
  const a = operands[0];
  const b = operands[1];
  const c = operands[2];
  const x = a.value;
  const y = b?.value;
  const z = c?.value;
  const shape = shapeOf(dtype);
  const float = isFloat(dtype);
  const host = () => o.host(hostName(inst)!, operands.map((p) => p.value), dtype, lanes, uniform); // prettier-ignore
  switch (op) {
    case 'cast':
      return cast(o, x, a.dtype, dtype);
    case 'bitcast':
      return a.dtype === 'bool' ? o.and(x, o.int(1)) : dtype === 'bool' ? o.op('i32x4.ne', x, o.int(0)) : x;
    case 'neg':
    case 'abs':
      return dtype === 'uint32' && op === 'abs' ? x : o.op(`${shape}.${op}`, x);
    case 'sign': {
      if (dtype === 'uint32') return o.op('i32x4.min_u', x, o.int(1));
      if (dtype === 'int32') return o.op('i32x4.max_s', o.op('i32x4.min_s', x, o.int(1)), o.int(-1));
      const k = o.keep(x);
      const one = o.constant(1, dtype);
      const zero = o.constant(0, dtype);
      const is = (name: string) => o.and(o.op(`${shape}.${name}`, k, zero), one);
      return o.op(`${shape}.sub`, is('gt'), is('lt'));
    }
    case 'floor':
    case 'ceil':
    case 'trunc':
      return float ? o.op(`${shape}.${op}`, x) : x;
    case 'round':
      return float ? o.op(`${shape}.nearest`, x) : x;
    case 'sqrt':
      return o.op(`${shape}.sqrt`, x);
    case 'exp':
    case 'log':
    case 'tanh':
    case 'erf':
      return dtype === 'float32' ? float32[op](o, x) : host();
    case 'sin':
    case 'cos':
      return dtype === 'float32' ? { sin, cos }[op](o, x, lanes, uniform) : host();
    case 'not':
      return o.op('v128.not', x);
    case 'pow':
      return float ? host() : integerPow(o, x, y, dtype, lanes, uniform);
    case 'mod':
      return float ? host() : integerDivision(o, x, y, dtype, true);
    case 'div':
      return float ? o.op(`${shape}.div`, x, y) : integerDivision(o, x, y, dtype, false);
    case 'max':
    case 'min':
      return extreme(o, op, a, b);
    case 'lt':
    case 'le':
    case 'eq':
    case 'ne':
      return narrow(o, compare(o, op, x, y, a.dtype), a.dtype);
    case 'shl':
    case 'shr':
      return shift(o, op === 'shl' ? 'shl' : dtype === 'uint32' ? 'shr_u' : 'shr_s', x, b, lanes, uniform);
    case 'where': {
      const mask = dtype === 'float64' ? o.op('i64x2.extend_low_i32x4_s', x) : x;
      if (Object.is(c.literal, 0)) return o.and(y, mask);
      if (Object.is(b.literal, 0)) return o.op('v128.andnot', z, mask);
      return o.choose(mask, y, z);
    }
    case 'random':
      return threefry(o, x, y, z);
    default:
      if (dtype === 'bool') return o.op(`v128.${boolOps[op]}`, x, y);
      return o.op(op === 'and' || op === 'or' || op === 'xor' ? `v128.${op}` : `${shape}.${op}`, x, y);
  }
}

/** About how many vector instructions an operation takes. */
export function costOf(op: ScalarOp | Inst['op'], dtype: DType): number {
  if (op === 'random') return 130;
  if (op === 'div' || op === 'sqrt') return 4;
  if (op === 'pow' || op === 'mod') return 60;
  if (op === 'sin' || op === 'cos') return 60;
  if (op === 'exp' || op === 'log' || op === 'tanh' || op === 'erf') return dtype === 'float64' ? 60 : 25;
  return op === 'const' || op === 'scalar' || op === 'prior' || op === 'load' || op === 'acc' ? 0 : 1;
}

/** A comparison as a mask of the operands' own width. */
export function compare(o: Lanes, op: string, x: Expr, y: Expr, dtype: DType): Expr {
  const unsigned = dtype === 'uint32' || dtype === 'bool';
  const suffix = isFloat(dtype) || op === 'eq' || op === 'ne' ? '' : unsigned ? '_u' : '_s';
  return o.op(`${shapeOf(dtype)}.${op}${suffix}`, x, y);
}

/** A mask of float64 lanes as one of 4-byte lanes. */
export function narrow(o: Lanes, mask: Expr, dtype: DType): Expr {
  if (dtype !== 'float64') return mask;
  const kept = o.keep(mask);
  return o.shuffle(kept, kept, [0, 2, 0, 2]);
}

function extreme(o: Lanes, op: 'max' | 'min', a: Operand, b: Operand): Expr {
  const { dtype } = a;
  if (dtype === 'bool') return o.op(`v128.${boolOps[op]}`, a.value, b.value);
  const shape = shapeOf(dtype);
  if (shape === 'i32x4') return o.op(`i32x4.${op}_${dtype === 'uint32' ? 'u' : 's'}`, a.value, b.value);
  // pmin and pmax keep a NaN on the left only, but are one instruction where min and max are eight
  const [other, literal] = b.literal === undefined ? [b, a] : [a, b];
  const simple = literal.literal !== undefined && !Number.isNaN(literal.literal);
  return o.op(`${shape}.${simple ? 'p' : ''}${op}`, other.value, literal.value);
}

function shift(o: Lanes, name: 'shl' | 'shr_s' | 'shr_u', x: Expr, by: Operand, lanes: number, uniform: boolean): Expr {
  if (by.literal !== undefined) return o.shift(name, x, by.literal);
  const [value, count] = [o.keep(x), o.keep(by.value)];
  return o.each(lanes, uniform, 'i32x4', (lane) => {
    o.extract(value, lane, 'i32x4')();
    o.extract(count, lane, 'i32x4')();
    o.fn.op(`i32.${name}`);
  });
}

/** By way of float64 quotients, which are exact enough and never trap. */
function integerDivision(o: Lanes, x: Expr, y: Expr, dtype: DType, remainder: boolean): Expr {
  const [a, b] = [o.keep(x), o.keep(y)];
  const signed = dtype === 'int32';
  const size = (v: Expr) => (signed ? o.keep(o.op('i32x4.abs', v)) : v);
  const [sizeA, sizeB] = [size(a), size(b)];
  const half = (pick: (v: Expr) => Expr) => {
    const double = (v: Expr) => o.op('f64x2.convert_low_i32x4_u', pick(v));
    return o.op('i32x4.trunc_sat_f64x2_u_zero', o.op('f64x2.div', double(sizeA), double(sizeB)));
  };
  let quotient = o.join(
    half((v) => v),
    half((v) => o.upper(v)),
  );
  if (signed) {
    const sign = o.keep(o.shift('shr_s', o.op('v128.xor', a, b), 31));
    quotient = o.op('i32x4.sub', o.op('v128.xor', quotient, sign), sign);
  }
  const nonzero = o.op('i32x4.ne', b, o.int(0));
  if (!remainder) return o.and(quotient, nonzero);
  const rest = o.keep(o.op('i32x4.sub', a, o.op('i32x4.mul', quotient, b)));
  if (!signed) return o.and(rest, nonzero);
  const differs = o.op('i32x4.lt_s', o.op('v128.xor', rest, b), o.int(0));
  const wrong = o.and(differs, o.op('i32x4.ne', rest, o.int(0)));
  return o.and(o.op('i32x4.add', rest, o.and(b, wrong)), nonzero);
}

function integerPow(o: Lanes, x: Expr, y: Expr, dtype: DType, lanes: number, uniform: boolean): Expr {
  const kept = [o.keep(x), o.keep(y)];
  const index = o.module.host('integerPow');
  return o.each(lanes, uniform, 'i32x4', (lane) => {
    for (const value of kept) {
      o.extract(value, lane, 'i32x4')();
      o.fn.op(dtype === 'uint32' ? 'f64.convert_i32_u' : 'f64.convert_i32_s');
    }
    o.fn.call(index).op('i32.trunc_sat_f64_s');
  });
}

function cast(o: Lanes, x: Expr, from: DType, to: DType): Expr {
  if (from === to) return x;
  const unsigned = (dtype: DType) => (dtype === 'uint32' ? 'u' : 's');
  if (to === 'bool') return narrow(o, o.op(`${shapeOf(from)}.ne`, x, o.constant(0, from)), from);
  if (from === 'bool') {
    if (to === 'float64') return o.op('f64x2.convert_low_i32x4_u', o.and(x, o.int(1)));
    return o.and(x, o.constant(1, to));
  }
  if (to === 'float64')
    return o.op(from === 'float32' ? 'f64x2.promote_low_f32x4' : `f64x2.convert_low_i32x4_${unsigned(from)}`, x);
  if (to === 'float32')
    return o.op(from === 'float64' ? 'f32x4.demote_f64x2_zero' : `f32x4.convert_i32x4_${unsigned(from)}`, x);
  if (from === 'float64') return o.op(`i32x4.trunc_sat_f64x2_${unsigned(to)}_zero`, x);
  if (from === 'float32') return o.op(`i32x4.trunc_sat_f32x4_${unsigned(to)}`, x);
  return x;
}
