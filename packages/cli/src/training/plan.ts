import type { ScheduleConfig } from '@kindling/core';
import type { MlpOptions } from '@kindling/nn';
import type { ChosenMetric } from '../choices/chooseMetric.js';

/** Everything that decides what a training run computes, apart from the rows. As JSON it is what a checkpoint keeps. */
export interface Plan {
  readonly loss: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly optimizer: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  /** How the learning rate moves; undefined: it stays. */
  readonly schedule: ScheduleConfig | undefined;
  readonly hidden: readonly number[];
  readonly activation: NonNullable<MlpOptions['activation']>;
  readonly dropout: number;
  readonly epochs: number;
  readonly batchSize: number;
  /** Epochs without an improvement before training stops; 0: never. */
  readonly patience: number;
  /** Gradients of a greater norm are scaled down to it. */
  readonly clipNorm: number | undefined;
  readonly classWeight: 'balanced' | undefined;
  readonly seed: number;
  /** What chooses the best epoch: 'loss' or a metric. */
  readonly monitor: string;
  /** Measured after each epoch. */
  readonly metric: ChosenMetric;
}
