import type { DType } from '@kindling/core';
import type { Access, Affine, Inst, ScalarOp } from '../ir.js';
import { bitcasting, casting } from './convert.js';
import type { Memory } from './memory.js';
import { scalarOp } from './scalarOp.js';

/** What code sees while it runs. The interpreter moves `position`, `priors` and `acc`. */
export interface Frame {
  /** Where on each axis of the kernel. */
  readonly position: number[];
  readonly buffers: readonly Memory[];
  readonly scalars: ArrayLike<number>;
  /** Per block, the results of its reductions for the current outer index. */
  readonly priors: number[][];
  acc: number;
}

/** `evaluate` runs the instructions at the current position and leaves the value of each in `values`. */
export function evaluateCode(
  code: readonly Inst[],
  frame: Frame,
  where: string,
): { readonly values: Float64Array; readonly evaluate: () => void } {
  const values = new Float64Array(code.length);
  const steps = code.map((inst, i) => step(inst, code, values, frame, `${where}, instruction ${i} (${inst.op})`));
  return {
    values,
    evaluate: () => {
      for (let i = 0; i < steps.length; i++) values[i] = steps[i]();
    },
  };
}

function step(inst: Inst, code: readonly Inst[], values: Float64Array, frame: Frame, where: string): () => number {
  switch (inst.op) {
    case 'const': {
      const value = casting('float64', inst.dtype)(inst.arg);
      return () => value;
    }
    case 'scalar': {
      const value = casting('float64', inst.dtype)(frame.scalars[inst.arg]);
      return () => value;
    }
    case 'index': {
      const at = affine(inst.at, frame.position);
      return () => at() | 0;
    }
    case 'load':
      return load(inst.at, values, frame, where);
    case 'prior':
      return () => frame.priors[inst.block][inst.reduce];
    case 'acc':
      return () => frame.acc;
    case 'cast':
    case 'bitcast': {
      const [a] = inst.in;
      const convert = (inst.op === 'cast' ? casting : bitcasting)(code[a].dtype, inst.dtype);
      return () => convert(values[a]);
    }
    default: {
      const [a, b = a, c = a] = inst.in;
      const apply = scalarOp(inst.op, operandType(inst.op, inst.dtype, code[a].dtype));
      return () => apply(values[a], values[b], values[c]);
    }
  }
}

/** The condition of 'where' is bool, whatever is chosen between. */
function operandType(op: ScalarOp, result: DType, first: DType): DType {
  return op === 'where' ? result : first;
}

function load(access: Access, values: Float64Array, frame: Frame, where: string): () => number {
  const bounds = (access.bounds ?? []).map(({ at, lo, hi }) => ({ at: affine(at, frame.position), lo, hi }));
  const address = evaluateAddress(access, values, frame, where);
  const buffer = frame.buffers[access.buffer];
  return () => {
    for (const { at, lo, hi } of bounds) {
      const value = at();
      if (value < lo || value >= hi) return 0;
    }
    return buffer.get(address());
  };
}

/** The element that a load or a store touches now. Clamps what `by` adds, and throws if it is outside the buffer. */
export function evaluateAddress(access: Access, values: Float64Array, frame: Frame, where: string): () => number {
  const base = affine(access.index, frame.position);
  const by = access.by ?? [];
  const { length } = frame.buffers[access.buffer];
  return () => {
    let index = base();
    for (const { value, stride, limit, fault } of by) {
      const wanted = values[value];
      const clamped = Math.min(Math.max(wanted, 0), limit - 1);
      if (clamped !== wanted) {
        const cell = frame.buffers[fault];
        const said = [1, wanted, limit].slice(0, cell.length);
        said.forEach((x, i) => {
          cell.set(i, x);
        });
      }
      index += stride * clamped;
    }
    if (index < 0 || index >= length) {
      throw new RangeError(
        `${where}: element ${index} of buffer ${access.buffer}, which has ${length}, at axes [${frame.position.join(', ')}]`,
      );
    }
    return index;
  };
}

function affine({ base, stride }: Affine, position: readonly number[]): () => number {
  const axes = [...stride.keys()].filter((axis) => stride[axis] !== 0);
  return () => {
    let sum = base;
    for (const axis of axes) sum += stride[axis] * position[axis];
    return sum;
  };
}
