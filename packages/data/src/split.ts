import { KindlingError } from '@kindling/core';
import { permutation, random, type Random } from './random.js';

/** Which rows of a table belong to which part. */
export interface RowSets {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** How to divide rows into three parts. */
export interface SplitOptions {
  /** The share of rows for validation, in [0, 1). Default 0.15. */
  validation?: number | undefined;
  /** The share of rows for the final test, in [0, 1). Default 0.15. */
  test?: number | undefined;
  /** Whether each part gets its share of every class, or of every tenth of a regression target. Default true. */
  stratify?: boolean | undefined;
  /** Which of the random divisions; the same seed gives the same rows on every platform. Default 0. */
  seed?: number | undefined;
  /** The rows to divide. Default all. */
  rows?: ArrayLike<number> | undefined;
}

/** One fold of a cross-validation. */
export interface Fold {
  readonly repeat: number;
  readonly fold: number;
  readonly train: Int32Array;
  readonly test: Int32Array;
}

export interface FoldOptions {
  seed?: number | undefined;
  /** Default true. */
  stratify?: boolean | undefined;
  /** How many times the rows are divided anew. Default 1. */
  repeats?: number | undefined;
  /** The rows to divide. Default all. */
  rows?: ArrayLike<number> | undefined;
}

/**
 * Divides rows at random; `strata[row]` is the group that each part gets its share of. The parts hold
 * round(share × rows) rows; each group has a row in the training part where that is possible.
 */
export function divide(strata: ArrayLike<number>, rows: ArrayLike<number>, options: SplitOptions): RowSets {
  const validation = share('validation', options.validation ?? 0.15);
  const test = share('test', options.test ?? 0.15);
  const tested = Math.round(test * rows.length);
  const validated = Math.round(validation * rows.length);
  const trained = rows.length - tested - validated;
  if (validation + test >= 1 || trained < 1)
    throw new KindlingError(
      `split: validation ${validation} and test ${test} leave no row of ${rows.length} for training; they must add up to less than 1.`,
    );
  const groups = options.stratify === false ? new Int32Array(strata.length) : strata;
  const order = spread(groups, rows, random(options.seed ?? 0, 1));
  represent(groups, order, tested + validated);
  return {
    test: order.slice(0, tested),
    validation: order.slice(tested, tested + validated),
    train: order.slice(tested + validated),
  };
}

/** k-fold cross-validation: within a repeat each row is tested once, fold sizes and group shares differ by at most one. */
export function folds(strata: ArrayLike<number>, rows: ArrayLike<number>, k: number, options: FoldOptions): Fold[] {
  if (!Number.isInteger(k) || k < 2 || k > rows.length)
    throw new KindlingError(`folds: k must be an integer from 2 to the number of rows (${rows.length}), got ${k}.`);
  const repeats = options.repeats ?? 1;
  if (!Number.isInteger(repeats) || repeats < 1)
    throw new KindlingError(`folds: repeats must be a positive integer, got ${repeats}.`);
  const groups = options.stratify === false ? new Int32Array(strata.length) : strata;
  const all: Fold[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const source = random(options.seed ?? 0, 2 + repeat);
    const shuffled = permutation(rows.length, source).map((i) => rows[i]);
    const dealt = gather(shuffled, groups); // and dealt out like cards
    for (let fold = 0; fold < k; fold++) {
      const test = dealt.filter((_, i) => i % k === fold);
      const train = dealt.filter((_, i) => i % k !== fold);
      all.push({ repeat, fold, train, test });
    }
  }
  return all;
}

/** Groups for a number: tenths by rank, fewer where the rows are few; equal values share a group. */
export function quantileGroups(values: ArrayLike<number>, most = 10): Int32Array {
  const n = values.length;
  const groups = Math.max(1, Math.min(most, Math.floor(n / 10)));
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => values[a] - values[b] || a - b);
  const result = new Int32Array(n);
  order.forEach((row, rank) => {
    const previous = order[rank - 1];
    result[row] =
      previous !== undefined && values[previous] === values[row] ? result[previous] : Math.floor((rank * groups) / n);
  });
  return result;
}

function share(name: string, value: number): number {
  if (!(value >= 0 && value < 1))
    throw new KindlingError(`split: ${name} must be a share from 0 up to, not including, 1, got ${value}.`);
  return value;
}

/** The rows group by group, in their order within each. */
function gather(rows: Int32Array, groups: ArrayLike<number>): Int32Array {
  const members = new Map<number, number[]>();
  for (const row of rows) {
    const group = members.get(groups[row]);
    if (group === undefined) members.set(groups[row], [row]);
    else group.push(row);
  }
  const order = [...members.keys()].sort((a, b) => a - b);
  return Int32Array.from(order.flatMap((group) => members.get(group)!));
}

/** All rows in an order of which every stretch holds about each group's share, random otherwise. */
function spread(groups: ArrayLike<number>, rows: ArrayLike<number>, source: Random): Int32Array {
  const shuffled = permutation(rows.length, source).map((i) => rows[i]);
  const sizes = new Map<number, number>();
  for (const row of shuffled) sizes.set(groups[row], (sizes.get(groups[row]) ?? 0) + 1);
  const seen = new Map<number, number>();
  const place = new Float64Array(shuffled.length);
  shuffled.forEach((row, i) => {
    const group = groups[row];
    const before = seen.get(group) ?? 0;
    seen.set(group, before + 1);
    place[i] = (before + 0.5) / sizes.get(group)!;
  });
  const order = Int32Array.from({ length: shuffled.length }, (_, i) => i).sort((a, b) => place[a] - place[b] || a - b);
  return order.map((i) => shuffled[i]);
}

/** Swaps rows so that every group appears at or after `start` (the training part), as far as there is room. */
function represent(groups: ArrayLike<number>, order: Int32Array, start: number): void {
  const trained = new Map<number, number>();
  for (let i = start; i < order.length; i++) trained.set(groups[order[i]], (trained.get(groups[order[i]]) ?? 0) + 1);
  let give = start;
  for (let i = 0; i < start; i++) {
    const group = groups[order[i]];
    if (trained.has(group)) continue;
    while (give < order.length && trained.get(groups[order[give]])! < 2) give++;
    if (give === order.length) return;
    const giver = groups[order[give]];
    trained.set(giver, trained.get(giver)! - 1);
    trained.set(group, 1);
    [order[i], order[give]] = [order[give], order[i]];
    give++;
  }
}
