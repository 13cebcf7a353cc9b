import { casting, scalarOp } from '@kindling/compiler';
import { type DType, type ElementwiseOp, isFloat } from '@kindling/core';
import type { Bounded } from './bounded.js';
import { smallestNormal, type Tolerance, unitRoundoff } from './tolerance.js';

/** How far `f` may be from its result where its operands are off by these errors; for rounding, see below. */
type Spread = (x: readonly number[], e: readonly number[], out: number) => number;

const same: Spread = (_, [e]) => e;
const exactOnly: Spread = () => Infinity;

/** Of a function that never falls, or never rises: the ends of the interval tell. */
function monotone(f: (x: number) => number): Spread {
  return ([x], [e]) => Math.max(Math.abs(f(x + e) - f(x)), Math.abs(f(x) - f(x - e)));
}

const comparison: Spread = ([x, y], [ex, ey]) => (Math.abs(x - y) > ex + ey ? 0 : 1);
const either: Spread = (_, [ex, ey]) => Math.max(ex, ey);

const spreads: Partial<Record<ElementwiseOp, Spread>> = {
  neg: same,
  abs: same,
  sign: ([x], [e]) => (Math.abs(x) > e ? 0 : 2),
  add: (_, [ex, ey]) => ex + ey,
  sub: (_, [ex, ey]) => ex + ey,
  mul: ([x, y], [ex, ey]) => Math.abs(x) * ey + Math.abs(y) * ex + ex * ey,
  div: ([, y], [ex, ey], out) => (Math.abs(y) > ey ? (ex + Math.abs(out) * ey) / (Math.abs(y) - ey) : Infinity),
  mod: ([x, y], [ex, ey]) => {
    const room = Math.abs(y) - ey;
    if (room <= 0) return Infinity;
    const [quotient, slack] = [x / y, (ex + Math.abs(x / y) * ey) / room];
    const jumps = Math.floor(quotient - slack) !== Math.floor(quotient + slack);
    return ex + Math.abs(Math.floor(quotient)) * ey + (jumps ? Math.abs(y) + ey : 0);
  },
  pow: ([x, y], [ex, ey], out) =>
    x - ex > 0
      ? Math.max(...[-ex, ex].flatMap((dx) => [-ey, ey].map((dy) => Math.abs((x + dx) ** (y + dy) - out))))
      : Infinity,
  max: either,
  min: either,
  sin: (_, [e]) => e,
  cos: (_, [e]) => e,
  lt: comparison,
  le: comparison,
  eq: comparison,
  ne: comparison,
  where: ([condition, x, y], [ec, ex, ey]) => {
    if (ec > 0) return Math.abs(x - y) + Math.max(ex, ey);
    return condition !== 0 ? ex : ey;
  },
};
for (const op of ['floor', 'ceil', 'round', 'trunc', 'sqrt', 'exp', 'log', 'tanh', 'erf'] as const) {
  const f = scalarOp(op, 'float64');
  spreads[op] = monotone((x) => f(x, 0, 0));
}

const basic: ReadonlySet<ElementwiseOp> = new Set<ElementwiseOp>(['add', 'sub', 'mul', 'div', 'sqrt', 'mod']);
const functions: ReadonlySet<ElementwiseOp> = new Set<ElementwiseOp>(['exp', 'log', 'sin', 'cos', 'tanh', 'erf', 'pow']); // prettier-ignore

export function elementwiseError(
  op: ElementwiseOp,
  operands: readonly Bounded[],
  out: Bounded['array'],
  dtype: DType,
  tolerance: Required<Tolerance>,
): Float64Array {
  const spread = spreadOf(op, operands, dtype);
  const error = new Float64Array(out.length);
  const steps = operands.map(({ shape }) => (shape.length === 0 ? 0 : 1));
  const x = operands.map(() => 0);
  const e = operands.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let exact = true;
    for (let k = 0; k < x.length; k++) {
      x[k] = operands[k].array[i * steps[k]];
      e[k] = operands[k].error[i * steps[k]];
      if (e[k] > 0) exact = false;
    }
    error[i] = (exact ? 0 : spread(x, e, out[i])) + rounding(op, x, e, out[i], dtype, tolerance);
  }
  return error;
}

function spreadOf(op: ElementwiseOp, operands: readonly Bounded[], dtype: DType): Spread {
  if (op === 'cast') {
    const f = casting(operands[0].dtype, dtype);
    return isFloat(operands[0].dtype) ? monotone(f) : exactOnly;
  }
  const float = isFloat(operands[operands.length - 1].dtype);
  return (float || op === 'where' ? spreads[op] : undefined) ?? exactOnly;
}

/** What the operation itself may add. */
function rounding(
  op: ElementwiseOp,
  x: readonly number[],
  e: readonly number[],
  out: number,
  dtype: DType,
  tolerance: Required<Tolerance>,
): number {
  if (!isFloat(dtype) || !Number.isFinite(out)) return 0;
  const ulps = basic.has(op) ? tolerance.basic : functions.has(op) ? tolerance.functions : 0;
  if (ulps === 0) return op === 'cast' && e[0] > 0 ? unitRoundoff(dtype) * Math.abs(out) : 0;
  if (op === 'mod') return modRounding(x, dtype, ulps);
  // near the zeros of sin and cos, the error is that of the argument's reduction
  const size = op === 'sin' || op === 'cos' ? 1 : Math.abs(out);
  const exactZero = out === 0 && (op === 'add' || op === 'sub' || x.includes(0));
  const flushed = Math.abs(out) < 2 * smallestNormal(dtype) && !exactZero ? smallestNormal(dtype) : 0;
  return 2 * ulps * unitRoundoff(dtype) * size + flushed;
}

/** x − y·⌊x/y⌋, in one go or in steps; a quotient next to a whole number may end up on either side of it. */
function modRounding([x, y]: readonly number[], dtype: DType, ulps: number): number {
  const quotient = x / y;
  const slack = 2 * ulps * unitRoundoff(dtype);
  const ambiguous = quotient !== 0 && Math.abs(quotient - Math.round(quotient)) <= slack * Math.abs(quotient);
  return slack * (Math.abs(x) + Math.abs(y)) + (ambiguous ? Math.abs(y) : 0);
}
