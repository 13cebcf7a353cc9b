import { isFloat, type DType } from '@kindling/core';
import type { BinaryOp, ScalarOp, TernaryOp, UnaryOp } from '../ir.js';
import { rounding } from './convert.js';
import { erf } from './erf.js';
import { threefry2x32 } from './threefry2x32.js';

type Apply = (a: number, b: number, c: number) => number;

/**
 * The meaning of every scalar operation, for operands of type `dtype` (of `random` and `where`: the result's).
 * Floats are computed in float64 and rounded once. bool is 0 and 1.
 */
export function scalarOp(op: ScalarOp, dtype: DType): Apply {
  const round = rounding(dtype);
  if (op in comparisons) return comparisons[op as keyof typeof comparisons];
  if (dtype === 'bool' && op === 'not') return (a) => 1 - a;
  const integer = isFloat(dtype) ? undefined : integerOps[op as keyof typeof integerOps];
  if (op === 'shr' && dtype === 'uint32') return (a, b) => a >>> b;
  const exact: Apply = integer ?? floatOps[op as keyof typeof floatOps];
  return (a, b, c) => round(exact(a, b, c));
}

const comparisons = {
  lt: (a, b) => (a < b ? 1 : 0),
  le: (a, b) => (a <= b ? 1 : 0),
  eq: (a, b) => (a === b ? 1 : 0),
  ne: (a, b) => (a !== b ? 1 : 0),
} satisfies Partial<Record<BinaryOp, Apply>>;

/** Those which differ from the operation on floats, or which floats do not have. Results still wrap. */
const integerOps = {
  mul: Math.imul,
  div: (a, b) => (b === 0 ? 0 : Math.trunc(a / b)),
  mod: (a, b) => (b === 0 ? 0 : remainder(a, b)),
  pow: integerPower,
  not: (a) => ~a,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr: (a, b) => a >> b,
} satisfies Partial<Record<ScalarOp, Apply>>;

const floatOps = {
  neg: (a) => -a,
  abs: Math.abs,
  sign: (a) => Number(a > 0) - Number(a < 0), // 0 for NaN, as PyTorch
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  mod: remainder,
  pow: floatPower,
  max: (a, b) => Math.max(a, b), // NaN if either is
  min: (a, b) => Math.min(a, b),
  where: (condition, a, b) => (condition !== 0 ? a : b),
  random: (key0, key1, counter) => threefry2x32(key0, key1, counter, 0)[0],
} satisfies Partial<Record<UnaryOp | BinaryOp | TernaryOp, Apply>>;

function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const part = x - below;
  if (part !== part) return x; // ±∞ and NaN
  const rounded = part < 0.5 || (part === 0.5 && below % 2 === 0) ? below : below + 1;
  return rounded === 0 && x < 0 ? -0 : rounded;
}

/** The sign of the divisor: −1 mod 3 is 2. */
function remainder(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** As IEEE: 1 to any power is 1, even to NaN, and −1 to ±∞ is 1; JavaScript gives NaN. */
function floatPower(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** Modulo 2³². To a negative power: of 1 and −1 what it is, of all others (0 included) 0. */
function integerPower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let power = 1;
  for (let square = a, rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = Math.imul(power, square);
    square = Math.imul(square, square);
  }
  return power;
}
