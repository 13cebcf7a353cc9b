import type { Dataset, RowSets, Split, Table } from '@kindling/data';
import type { Head } from '../head.js';
import type { Parts } from './trial.js';

/** One repetition of the comparison: rows, and the seed of weights and batch order. */
export interface Round {
  readonly seed: number;
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly scored: Int32Array;
}

/** How rows are divided for the whole comparison. */
export interface Plan {
  /** Never seen before the end. */
  readonly test: Int32Array;
  /** All others. */
  readonly rest: Int32Array;
  /** For learning rates: no scored rows. */
  readonly search: readonly Round[];
  readonly final: readonly Round[];
  /** Scored rows to training rows, where rounds share rows; else 0. */
  readonly overlap: number;
}

export function plan(
  table: Table,
  options: {
    readonly test: number;
    readonly validation: number;
    readonly seed: number;
    readonly seeds: readonly number[];
    readonly folds: number;
    readonly searches: number;
  },
): Plan {
  const { test: share, validation, seed, seeds, folds, searches } = options;
  const { train: rest, test } = table.splitIndices({ validation: 0, test: share, seed });
  const inner = (rows: ArrayLike<number>, division: number, scoredShare = 0): RowSets =>
    table.splitIndices({ rows, validation, test: scoredShare, seed: division });
  const search = Array.from({ length: searches }, (_, i): Round => {
    const { train, validation: chosen } = inner(rest, seed + i);
    return { seed: seeds[i % seeds.length], train, validation: chosen, scored: new Int32Array() };
  });
  const final: Round[] = [];
  for (const s of seeds) {
    if (folds === 0) {
      const parts = inner(rest, seed, share);
      final.push({ seed: s, train: parts.train, validation: parts.validation, scored: parts.test });
    } else {
      for (const fold of table.folds(folds, { seed: s, rows: rest })) {
        const parts = inner(fold.train, s);
        final.push({ seed: s, train: parts.train, validation: parts.validation, scored: fold.test });
      }
    }
  }
  const overlap = folds === 0 ? 0 : 1 / (folds - 1);
  return { test, rest, search, final, overlap };
}

/** The data sets of a round, prepared once for all combinations that want the target in the same form. */
export class Prepared {
  readonly #splits = new Map<Round, Map<boolean, Split>>();
  constructor(readonly table: Table) {}

  split(round: Round, { standardizeTarget }: Head): Split {
    let forms = this.#splits.get(round);
    if (forms === undefined) this.#splits.set(round, (forms = new Map<boolean, Split>()));
    let split = forms.get(standardizeTarget);
    if (split === undefined) {
      const { train, validation, scored } = round;
      split = this.table.splitRows({ train, validation, test: scored }, { standardizeTarget });
      forms.set(standardizeTarget, split);
    }
    return split;
  }
  parts(round: Round, head: Head): Parts {
    const { train, validation, test } = this.split(round, head);
    return { train, validation, scored: test.rows === 0 ? undefined : (test satisfies Dataset) };
  }
  /** The rows of a round are not needed any more. */
  forget(round: Round): void {
    this.#splits.delete(round);
  }
}
