import { type Contract, count, type Kernel } from '@kindling/compiler';
import type { ShaderLimits } from './stage.js';

/** How the results of a contraction are shared out. k is in `split` parts, whose sums another kernel adds up. */
export type ContractTiles = { readonly split: number } & (LoopsTiles | DirectTiles | StagedTiles);

/** Every result is a reduction of its own: for few results of long sums. */
export interface LoopsTiles {
  readonly kind: 'loops';
}

/**
 * An invocation has `rows` × `columns` results and loads its operands itself; the `width` invocations of a workgroup
 * have the same rows. What a software adapter does best, where memory of the workgroup is memory like any other; and
 * shapes that are too small for tiles in it.
 */
export interface DirectTiles {
  readonly kind: 'direct';
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
}

/**
 * A workgroup has `side`² results and brings strips of both operands, `depth` indices of k at a time, into its memory;
 * an invocation has `each`² results.
 */
export interface StagedTiles {
  readonly kind: 'staged';
  readonly side: number;
  readonly each: 4 | 8;
  readonly depth: number;
}

export interface ContractSize {
  readonly batches: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

/** Terms that are added up one after another; longer sums are sums of partial sums. */
export const PLAIN = 2048;
/** Bytes of partial results in scratch memory that spare registers for partial sums. */
const SPARED = 2 ** 28;

/** Workgroups of the largest tiles that keep a GPU busy. */
const BUSY = 96;
/** Invocations that do so, where a sum can be had in parts. */
const BUSY_INVOCATIONS = 32_768;

export function sizeOfContract({ axes, body }: Kernel): ContractSize {
  const { batch, m, n, k } = body as Contract;
  const [batches, rows, columns, depth] = [batch, m, n, k].map((list) => count(list, axes));
  return { batches, rows, columns, depth };
}

/** The tiles that shape and device suggest. */
export function chooseTiles(kernel: Kernel, limits: ShaderLimits): ContractTiles {
  const size = sizeOfContract(kernel);
  const { batches, rows, columns, depth } = size;
  const { contractions: form, isSoftware } = limits;
  const results = batches * rows * columns;
  const split = limits.split ?? 1;
  const few = isSoftware ? results < 64 : Math.min(rows, columns) < 8 && results < 2048;
  if (form === 'loops' || (form === undefined && few && depth >= 128)) return { kind: 'loops', split };
  const staged = stagedTiles(size);
  const pays = !isSoftware && Math.min(rows, columns) >= 16 && depth >= 16;
  if (fits(staged, limits) && (form === 'staged' || (form === undefined && pays)))
    return { ...staged, split: limits.split ?? partsFor(size, staged) };
  // a software adapter pays for every load: each must serve many products
  if (isSoftware)
    return { kind: 'direct', rows: Math.min(rows, 8), columns: Math.min(4, Math.ceil(columns / 8)), width: 8, split };
  const direct = { kind: 'direct' as const, rows: Math.min(rows, 4), columns: 1, width: 32 };
  return { ...direct, split: limits.split ?? partsFor(size, direct) };
}

/** Large tiles where there are enough of them. */
function stagedTiles({ batches, rows, columns }: ContractSize): StagedTiles {
  const enough = (side: number) => batches * Math.ceil(rows / side) * Math.ceil(columns / side) >= BUSY && Math.min(rows, columns) >= side; // prettier-ignore
  const shape = enough(128)
    ? { side: 128, each: 8 as const, depth: 8 }
    : { side: enough(64) ? 64 : 32, each: 4 as const, depth: 16 };
  return { kind: 'staged', ...shape };
}

/**
 * In how many parts k should be: as many as keep a GPU busy, of at least 64 places; and so that none needs partial sums,
 * whose registers an invocation with many results had better use for the results of another.
 */
function partsFor({ batches, rows, columns, depth }: ContractSize, tiles: StagedTiles | DirectTiles): number {
  const [down, across, invocations] =
    tiles.kind === 'staged'
      ? [tiles.side, tiles.side, (tiles.side / tiles.each) ** 2]
      : [tiles.rows, tiles.width * tiles.columns, tiles.width];
  const working = batches * Math.ceil(rows / down) * Math.ceil(columns / across) * invocations;
  const busy = Math.min(Math.floor(BUSY_INVOCATIONS / working), Math.floor(depth / 64));
  const plain = Math.ceil(depth / PLAIN);
  const spares = tiles.kind === 'staged' && tiles.each === 8 && plain * batches * rows * columns * 4 <= SPARED;
  return Math.max(1, busy, spares ? plain : 1);
}

function fits({ side, each, depth }: StagedTiles, { invocations, sharedBytes }: ShaderLimits): boolean {
  // with the gaps between the rows of a strip
  return (side / each) ** 2 <= invocations && 2 * depth * (side + 4) * 4 <= sharedBytes;
}

/** Forms worth trying on a device, for those who measure. */
export function candidateTiles(kernel: Kernel, limits: ShaderLimits): ContractTiles[] {
  const size = sizeOfContract(kernel);
  const { rows, columns, depth } = size;
  const found: ContractTiles[] = [chooseTiles(kernel, limits)];
  const splits = (tiles: StagedTiles | DirectTiles) => [...new Set([1, partsFor(size, tiles)])];
  for (const [side, each] of [
    [32, 4],
    [64, 4],
    [64, 8],
    [128, 8],
  ] as const)
    // prettier-ignore
    for (const deep of [8, 16, 32]) {
      const tiles: StagedTiles = { kind: 'staged', side, each, depth: deep };
      // the workgroup fills a strip in whole rounds
      if ((side * deep) / 4 < (side / each) ** 2 || !fits(tiles, limits)) continue;
      if (side > 2 * Math.max(rows, columns) || deep > depth) continue;
      for (const split of splits(tiles)) found.push({ ...tiles, split });
    }
  for (const [down, across, width] of [
    [4, 1, 32],
    [4, 2, 8],
    [4, 4, 8],
    [8, 2, 8],
    [8, 4, 8],
    [2, 4, 16],
  ])
    // prettier-ignore
    if (down <= rows && across * width <= 2 * columns) {
      const tiles: DirectTiles = { kind: 'direct', rows: down, columns: across, width };
      for (const split of splits(tiles)) found.push({ ...tiles, split });
    }
  if (rows * columns < 16_384) found.push({ kind: 'loops', split: 1 });
  const unique = new Map(found.map((tiles) => [JSON.stringify(tiles), tiles]));
  return [...unique.values()];
}
