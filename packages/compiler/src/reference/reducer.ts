import { isFloat, type DType } from '@kindling/core';
import type { ReduceOp } from '../ir.js';
import { range, rounding } from './convert.js';
import { scalarOp } from './scalarOp.js';

export interface Reducer {
  readonly add: (x: number) => void;
  readonly result: () => number;
}

/**
 * Float sums and products are kept in float64 and rounded at the end, sums with what each addition rounds away: the
 * reference value, for float64, too. A device adds in another order and in less precision, and differs by the ulps
 * that follow.
 */
export function reducer(op: ReduceOp, dtype: DType): Reducer {
  if (op === 'argmax' || op === 'argmin') return firstExtreme(op === 'argmax' ? 1 : -1);
  if (op === 'sum' && isFloat(dtype)) return compensatedSum(rounding(dtype));
  const [least, greatest] = range(dtype);
  const step = scalarOp(op === 'sum' ? 'add' : op === 'prod' ? 'mul' : op, isFloat(dtype) ? 'float64' : dtype);
  const round = rounding(dtype);
  let value = { sum: 0, prod: 1, max: least, min: greatest }[op];
  return {
    add: (x) => {
      value = step(value, x, 0);
    },
    result: () => round(value),
  };
}

/** Neumaier's: the error does not grow with the number of terms. */
function compensatedSum(round: (x: number) => number): Reducer {
  let sum = 0;
  let lost = 0;
  return {
    add: (x) => {
      const next = sum + x;
      lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
      sum = next;
    },
    // an infinite sum has lost nothing that counts
    result: () => round(Number.isFinite(sum) ? sum + lost : sum),
  };
}

function firstExtreme(sign: number): Reducer {
  let best = NaN;
  let found = 0;
  let position = 0;
  return {
    add: (x) => {
      const better = sign * x > sign * best || (x !== x && best === best);
      if (position === 0 || better) {
        best = x;
        found = position;
      }
      position++;
    },
    result: () => found,
  };
}
