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
  /** A workgroup has `side`² results and brings strips of both operands into its memory; an invocation has `each`². */
  | { readonly kind: 'staged'; readonly side: number; readonly each: 4 | 8; readonly depth: number };

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
  const few = limits.isSoftware ? results < 64 : results < 2048;
  if (limits.contractions === 'loops' || (limits.contractions === undefined && few && depth >= 128))
    return { kind: 'loops' };
  const staged = stagedTiles(size);
  const fits = limits.invocations >= (staged.side / staged.each) ** 2 && limits.sharedBytes >= staged.side * staged.depth * 8; // prettier-ignore
  const pays = !limits.isSoftware && Math.min(rows, columns) >= 16 && depth >= 16;
  if (fits && (limits.contractions === 'staged' || (limits.contractions === undefined && pays))) return staged;
  if (!limits.isSoftware) return { kind: 'direct', rows: Math.min(rows, 4), columns: 1, width: 32 };
  // a software adapter pays for every load: each must serve many products
  return { kind: 'direct', rows: Math.min(rows, 8), columns: Math.min(4, Math.ceil(columns / 8)), width: 8 };
}

/** Large tiles where there are enough of them to keep a GPU busy. */
function stagedTiles({ batches, rows, columns }: ContractSize) {
  const enough = (side: number) => batches * Math.floor(rows / side) * Math.floor(columns / side) >= 48;
  const shape = enough(128) ? { side: 128, each: 8 as const } : { side: enough(64) ? 64 : 32, each: 4 as const };
  return { kind: 'staged' as const, depth: 16, ...shape };
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
