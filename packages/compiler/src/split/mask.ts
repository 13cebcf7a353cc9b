import { type DType, isFloat } from '@kindling/core';
import type { Affine, Ids, Inst, Reduce, ReduceOp } from '../ir.js';
import { type SplitAxis, splitSizes } from './splitAxis.js';

/** Code whose value `out` is `neutral` beyond the end of the axis, where nothing is loaded. */
export function maskBeyond(
  code: readonly Inst[],
  out: number,
  neutral: number,
  axes: Ids,
  split: SplitAxis,
): { code: Inst[]; out: number } {
  const place: Affine = { base: 0, stride: splitSizes(axes, split).map((_, k) => (k === split.axis ? 1 : 0)) };
  const at: Affine = { base: 0, stride: place.stride.map((s, k) => (k === axes.length ? split.size : s)) };
  const bound = { at, lo: 0, hi: axes[split.axis] };
  const guarded = code.map((inst): Inst => (inst.op === 'load' ? { ...inst, at: { ...inst.at, bounds: [...(inst.at.bounds ?? []), bound] } } : inst)); // prettier-ignore
  const { dtype } = code[out];
  const n = guarded.length;
  guarded.push(
    { op: 'index', at, dtype: 'int32' },
    { op: 'const', arg: axes[split.axis], dtype: 'int32' },
    { op: 'lt', in: [n, n + 1], dtype: 'bool' },
    { op: 'const', arg: neutral, dtype },
    { op: 'where', in: [n + 2, out, n + 3], dtype },
  );
  return { code: guarded, out: n + 4 };
}

/** Code whose value changes nothing in a reduction beyond the end of the axis. */
export function maskReduction(
  code: readonly Inst[],
  { op, value }: Reduce,
  axes: Ids,
  split: SplitAxis,
): { code: Inst[]; out: number } {
  return maskBeyond(code, value, neutralOf(op, code[value].dtype), axes, split);
}

const neutral: Partial<Record<ReduceOp, number>> = { sum: 0, prod: 1, max: -Infinity, min: Infinity };

function neutralOf(op: ReduceOp, dtype: DType): number {
  const value = neutral[op]!;
  if (isFloat(dtype) || Number.isFinite(value)) return value;
  const [least, greatest] = dtype === 'int32' ? [-2147483648, 2147483647] : [0, dtype === 'bool' ? 1 : 4294967295];
  return value < 0 ? least : greatest;
}
