import type { Contract, Ids, Kernel, Operand } from '@kindling/compiler';
import { count } from './axes.js';
import type { ShaderLimits } from './stage.js';

/** How the results of a contraction are shared out. */
export type ContractTiles =
  /** Every result is a reduction of its own: for few results of long sums. */
  | { readonly kind: 'loops' }
  /**
   * An invocation has `rows` × `columns` results and loads its operands itself; the invocations of a workgroup have the
   * same rows. What a software adapter does best, where memory of the workgroup is memory like any other; and shapes
   * that are too small for tiles in it.
   */
  | { readonly kind: 'direct'; readonly rows: number; readonly columns: number; readonly width: number }
  /** A workgroup has `side`² results and brings strips of both operands into its memory; an invocation has 4 × 4. */
  | { readonly kind: 'staged'; readonly side: number; readonly depth: number };

export interface ContractSize {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export function sizeOfContract({ axes, body }: Kernel): ContractSize {
  const { batch, m, n, k } = body as Contract;
  const [batches, rows, columns, depth] = [batch, m, n, k].map((list) => count(list, axes));
  return { batches, rows, columns, depth };
}

export function chooseTiles(size: ContractSize, limits: ShaderLimits): ContractTiles {
  const { batches, rows, columns, depth } = size;
  const results = batches * rows * columns;
  if (limits.contractions === 'loops' || (limits.contractions === undefined && results < 2048 && depth >= 128))
    return { kind: 'loops' };
  const side = Math.min(rows, columns) >= 48 && results >= 64 * 64 * 8 ? 64 : 32;
  const fits = limits.invocations >= (side / 4) ** 2 && limits.sharedBytes >= side * 16 * 8;
  const worthStaging = !limits.isSoftware && Math.min(rows, columns) >= 16 && depth >= 16;
  if (limits.contractions === 'staged' || (limits.contractions === undefined && fits && worthStaging))
    return { kind: 'staged', side, depth: 16 };
  return { kind: 'direct', rows: Math.min(rows, limits.isSoftware ? 12 : 8), columns: 1, width: columns <= 8 ? 8 : columns <= 16 ? 16 : 32 }; // prettier-ignore
}

/** Whether the operand's elements lie together along `own` rather than along k. */
export function runsAlong(operand: Operand, own: Ids, k: Ids, sizes: Ids): boolean {
  const last = (list: Ids) => [...list].reverse().find((axis) => sizes[axis] > 1);
  const [ownAxis, kAxis] = [last(own), last(k)];
  let votes = 0;
  for (const inst of operand.code) {
    if (inst.op !== 'load') continue;
    const { stride } = inst.at.index;
    if (ownAxis !== undefined && Math.abs(stride[ownAxis]) === 1) votes++;
    if (kAxis !== undefined && Math.abs(stride[kAxis]) === 1) votes--;
  }
  return votes > 0;
}
