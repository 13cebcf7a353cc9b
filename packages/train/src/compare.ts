import {
  type LossFactory,
  type Model,
  type Optimizer,
  type OptimizerFactory,
  randomState,
  type Schedule,
  setRandomState,
} from '@kindling/core';
import type { Preprocessing, Table } from '@kindling/data';
import { Contest } from './compare/contest.js';
import type { AnyMetric } from './rankingMetric.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- a factory's options are invariant, and any will do here */
export type AnyLoss = LossFactory<string, any, any>;
export type AnyOptimizer = OptimizerFactory<string, any>;
/* eslint-enable @typescript-eslint/no-explicit-any */

/** A schedule of the learning rate for a run of so many steps. */
export type ScheduleMaker = (
  optimizer: Optimizer,
  run: { readonly steps: number; readonly stepsPerEpoch: number },
) => Schedule;

export interface CompareProgress {
  readonly phase: 'search' | 'final' | 'test';
  /** Training runs done, and how many there will be as far as is known. */
  readonly done: number;
  readonly total: number;
  readonly loss: string;
  readonly optimizer: string;
}

export interface CompareOptions {
  readonly table: Table;
  /** A new model; called under the same seed for every combination, so that all start with the same weights. */
  readonly model: (inputs: number, outputs: number) => Model;
  readonly losses: readonly AnyLoss[];
  readonly optimizers: readonly AnyOptimizer[];
  /** Options of losses and optimizers, by name. */
  readonly lossOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  readonly optimizerOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
  /** What ranks: a metric, or the name of one of `@kindling/metrics`. Default accuracy, or rmse. */
  readonly metric?: string | AnyMetric | undefined;
  /** One repetition each, with other initial weights, batch orders and folds. Default [0, 1, 2]; [0] with folds. */
  readonly seeds?: readonly number[] | undefined;
  /** Folds of the final comparison. Default 5 below 2,000 rows, else 0: one division into training and validation. */
  readonly folds?: number | undefined;
  /** 'search' (default): seven values around each optimizer's default, and further ones at an edge. Or your own values. */
  readonly lr?: 'default' | 'search' | readonly number[] | undefined;
  /** Moves the learning rate of every run, from the one that is searched. One that watches a number gets each measurement. */
  readonly schedule?: ScheduleMaker | undefined;
  /** Steps of a run. Default: 20 epochs, at least 300 and at most 2,000. */
  readonly maxSteps?: number | undefined;
  /** How often in a run the model is measured on validation rows; the best of these counts. Default 20. */
  readonly measurements?: number | undefined;
  /** Ends a run after so many measurements without an improvement. Default: no early end. */
  readonly patience?: number | undefined;
  /** Default 32. */
  readonly batchSize?: number | undefined;
  /** The share of rows kept for the final test. Default 0.2. */
  readonly test?: number | undefined;
  /** The share of the remaining rows that choose the learning rate and the moment to stop. Default 0.2. */
  readonly validation?: number | undefined;
  /** The division into test rows and others, and the search. Default 0. */
  readonly seed?: number | undefined;
  /** Seconds. Where it is short, every combination gets fewer steps or repetitions, all the same, and `cut` says so. */
  readonly timeLimit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CompareProgress) => void) | undefined;
}

/**
 * The score of a learning rate on the validation rows of the search: the moment to stop is chosen on one half of them
 * and scored on the other, and the other way round. NaN where training diverged.
 */
export interface Sensitivity {
  readonly lr: number;
  readonly score: number;
}

export interface Ranked {
  readonly loss: string;
  readonly optimizer: string;
  /** The learning rate that the search chose. */
  readonly lr: number;
  readonly defaultLr: number;
  /** The mean score over the final runs, and its 95 % interval. */
  readonly mean: number;
  readonly interval: readonly [low: number, high: number];
  /**
   * Whether the paired differences to the best leave open which is better. True for the best itself; undefined for all
   * where there was one run each, which has no differences.
   */
  readonly tiedWithBest: boolean | undefined;
  /** The scores of the final runs, in the same order for all combinations. */
  readonly scores: readonly number[];
  /** The mean score of the final protocol with the default learning rate. */
  readonly defaultScore: number;
  /** By learning rate, ascending. */
  readonly sensitivity: readonly Sensitivity[];
  /** Final runs that diverged; each counts as the baseline. */
  readonly diverged: number;
  /** Mean seconds of a final run. */
  readonly seconds: number;
  /** The learning curve of the first final run: the validation score at each measurement. */
  readonly curve: readonly { readonly step: number; readonly score: number }[];
}

export interface Comparison {
  readonly metric: string;
  readonly higherIsBetter: boolean;
  /** Best first. */
  readonly ranking: readonly Ranked[];
  /** The score of predicting the majority class, or the mean, over the same final runs. */
  readonly baseline: number;
  readonly baselineKind: 'majority' | 'mean';
  /** Losses that do not fit the task, and why. */
  readonly skipped: readonly { readonly loss: string; readonly reason: string }[];
  /** What every combination got. */
  readonly budget: {
    readonly steps: number;
    readonly runs: number;
    readonly folds: number;
    readonly batchSize: number;
  };
  /** The winner, trained on all rows but the test rows, on the test rows: their only use. */
  readonly test: { readonly score: number; readonly baseline: number; readonly rows: number };
  /** That model, ready for `savePipeline`. */
  readonly winner: {
    readonly loss: string;
    readonly optimizer: string;
    readonly lr: number;
    readonly model: Model;
    readonly preprocessing: Preprocessing;
    readonly configuredLoss: ReturnType<AnyLoss>;
  };
  /** What the time limit took away, the same for all; undefined where nothing. */
  readonly cut?: string;
  readonly seconds: number;
}

/**
 * Compares losses and optimizers on a table, fairly: all combinations share the splits, the initial weights, the order
 * of batches, the number of steps and the stopping rule; the ranking is by one metric of the task, never by a loss;
 * learning rates are searched on validation rows only; the final scores come from repeated folds or seeds; the test
 * rows are used once, for the winner.
 * @throws KindlingError where no loss fits the task or an option makes no sense; the signal's reason where it aborts.
 */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const random = randomState();
  try {
    return await new Contest(options).run();
  } finally {
    setRandomState(random);
  }
}
