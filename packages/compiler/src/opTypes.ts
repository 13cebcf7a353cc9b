import { isFloat, type DType } from '@kindling/core';
import type { ScalarOp } from './ir.js';

/** 'number' is floats and integers, 'bits' integers and bool. */
export type TypeClass = 'any' | 'float' | 'number' | 'integer' | 'bits' | 'uint32';

/** How many operands each scalar operation takes, and of which types. The condition of 'where' is bool. */
export const opTypes: Readonly<Record<ScalarOp, { readonly arity: 1 | 2 | 3; readonly takes: TypeClass }>> = {
  neg: { arity: 1, takes: 'number' },
  abs: { arity: 1, takes: 'number' },
  sign: { arity: 1, takes: 'number' },
  floor: { arity: 1, takes: 'float' },
  ceil: { arity: 1, takes: 'float' },
  round: { arity: 1, takes: 'float' },
  trunc: { arity: 1, takes: 'float' },
  sqrt: { arity: 1, takes: 'float' },
  exp: { arity: 1, takes: 'float' },
  log: { arity: 1, takes: 'float' },
  sin: { arity: 1, takes: 'float' },
  cos: { arity: 1, takes: 'float' },
  tanh: { arity: 1, takes: 'float' },
  erf: { arity: 1, takes: 'float' },
  not: { arity: 1, takes: 'bits' },
  add: { arity: 2, takes: 'number' },
  sub: { arity: 2, takes: 'number' },
  mul: { arity: 2, takes: 'number' },
  div: { arity: 2, takes: 'number' },
  mod: { arity: 2, takes: 'number' },
  pow: { arity: 2, takes: 'number' },
  max: { arity: 2, takes: 'any' },
  min: { arity: 2, takes: 'any' },
  lt: { arity: 2, takes: 'any' },
  le: { arity: 2, takes: 'any' },
  eq: { arity: 2, takes: 'any' },
  ne: { arity: 2, takes: 'any' },
  and: { arity: 2, takes: 'bits' },
  or: { arity: 2, takes: 'bits' },
  xor: { arity: 2, takes: 'bits' },
  shl: { arity: 2, takes: 'integer' },
  shr: { arity: 2, takes: 'integer' },
  where: { arity: 3, takes: 'any' },
  random: { arity: 3, takes: 'uint32' },
};

/** The operations whose result is bool whatever they take. */
export const comparisons: ReadonlySet<string> = new Set<ScalarOp>(['lt', 'le', 'eq', 'ne']);

export function isOfClass(dtype: DType, takes: TypeClass): boolean {
  switch (takes) {
    case 'any':
      return true;
    case 'float':
      return isFloat(dtype);
    case 'number':
      return dtype !== 'bool';
    case 'integer':
      return dtype === 'int32' || dtype === 'uint32';
    case 'bits':
      return !isFloat(dtype);
    case 'uint32':
      return dtype === 'uint32';
  }
}
