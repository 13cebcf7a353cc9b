import type { Affine, Ids, Inst, Kernel, Operand } from '@kindling/compiler';

/** Whether the operand's elements lie together along `own` rather than along k. */
export function runsAlong(operand: Operand, own: Ids, k: Ids, sizes: Ids): boolean {
  const [ownAxis, kAxis] = [lastAxis(own, sizes), lastAxis(k, sizes)];
  let votes = 0;
  for (const inst of operand.code) {
    if (inst.op !== 'load') continue;
    const { stride } = inst.at.index;
    if (ownAxis !== undefined && Math.abs(stride[ownAxis]) === 1) votes++;
    if (kAxis !== undefined && Math.abs(stride[kAxis]) === 1) votes--;
  }
  return votes > 0;
}

/**
 * The load that an operand is, if four of its elements that follow each other along `list` are always a vector in memory:
 * all four inside of the bounds or outside, at a multiple of four.
 */
export function vectorLoad({ code, out }: Operand, list: Ids, { axes, buffers }: Kernel): LoadInst | undefined {
  const [inst] = code;
  const last = lastAxis(list, axes);
  if (code.length !== 1 || out !== 0 || inst.op !== 'load' || last === undefined || axes[last] % 4 !== 0)
    return undefined;
  const { index, by, bounds, buffer } = inst.at;
  const rest = index.stride.every((s, axis) => axis === last || axes[axis] === 1 || s % 4 === 0);
  const moves = ({ stride }: Affine) => stride[last] !== 0;
  const { dtype, use } = buffers[buffer];
  if (index.stride[last] !== 1 || index.base % 4 !== 0 || !rest || by !== undefined) return undefined;
  if (bounds?.some(({ at }) => moves(at)) || use !== 'read' || dtype === 'bool') return undefined;
  return inst;
}

export type LoadInst = Inst & { readonly op: 'load' };

function lastAxis(list: Ids, sizes: Ids): number | undefined {
  return [...list].reverse().find((axis) => sizes[axis] > 1);
}
