import type { Model, Output } from '@kindling/core';
import type { Dataset, Preprocessing } from '@kindling/data';

export interface ImportanceOptions {
  readonly preprocessing: Preprocessing;
  /** Default accuracy, or r2. */
  readonly metric?: string | undefined;
  /** What the model computes. Default logits, or values. */
  readonly output?: Output | undefined;
  /** Default 5. */
  readonly repeats?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** How much worse a model gets where a column is shuffled. */
export interface Importance {
  readonly name: string;
  /** The mean loss of score over the repeats; positive for columns that help. */
  readonly importance: number;
  readonly std: number;
}

/** The importance of each column of a table, the greatest first. All inputs that a column became are shuffled together. */
export declare function permutationImportance(
  model: Model,
  data: Dataset,
  options: ImportanceOptions,
): Promise<Importance[]>;
