import type { Loss, Model, Optimizer } from '@kindling/core';
import type { Dataset, TargetForm } from '@kindling/data';
import type { Metric } from '@kindling/metrics';
import type { CheckpointStore } from './checkpointStore.js';
import type { Epoch } from './epoch.js';

/** Where training is when a learning rate is asked for. */
export interface ScheduleState {
  /** The step about to be taken, from 0. */
  readonly step: number;
  /** The epoch under way, from 0. */
  readonly epoch: number;
  /** All steps that there will be, unless training stops early. */
  readonly steps: number;
  /** The group's learning rate at the start of training. */
  readonly lr: number;
  readonly group: number;
}
/** The learning rate of a group for a step. */
export type Schedule = (state: ScheduleState) => number;

export interface EarlyStopping {
  /** How many epochs without an improvement end the training. */
  readonly patience: number;
  /** The least change that counts as an improvement. Default 0: any. */
  readonly minDelta?: number | undefined;
  /** Whether the model ends with the parameters of its best epoch. Default true. */
  readonly restoreBest?: boolean | undefined;
}

export interface CheckpointOptions {
  /** A folder, in Node; made if it is missing. Give this or `store`. */
  readonly folder?: string | undefined;
  readonly store?: CheckpointStore | undefined;
  /** Epochs between checkpoints. Default 1. There is one more where training ends or is aborted. */
  readonly every?: number | undefined;
}

export interface StepInfo {
  /** Steps taken, from 1. */
  readonly step: number;
  /** The epoch under way, from 1. */
  readonly epoch: number;
  /** All steps that there will be, unless training stops early. */
  readonly steps: number;
}

export interface FitOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  readonly batchSize: number;
  /** Decides the order of the rows in each epoch. Default: the seed given to `manualSeed`. */
  readonly seed?: number | undefined;
  /** Leaves a last, smaller batch of an epoch out. Default false. */
  readonly dropLast?: boolean | undefined;
  /** How batches hold the targets. Default: found out by what the loss takes. */
  readonly target?: TargetForm | undefined;
  readonly validation?: Dataset | undefined;
  /** Measured on the validation data after each epoch, in the target's own units. */
  readonly metrics?: Readonly<Record<string, () => Metric>> | undefined;
  /**
   * What decides which epoch is best: 'loss' (default: the validation loss, without validation data the training
   * loss) or the name of one of `metrics`.
   */
  readonly monitor?: string | undefined;
  /** For a metric as `monitor` that is not one of ours: whether more is better. */
  readonly higherIsBetter?: boolean | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Sets the learning rate before each step. */
  readonly schedule?: Schedule | undefined;
  /** Scales the gradients down where their norm, over all parameters together, is greater than this. */
  readonly clipNorm?: number | undefined;
  readonly checkpoint?: CheckpointOptions | undefined;
  /** Continues from the checkpoint, exactly as if there had been no break; from the start where there is none. Default false. */
  readonly resume?: boolean | undefined;
  /** Stops at the next step. */
  readonly signal?: AbortSignal | undefined;
  /** May be asynchronous; training waits for it. */
  readonly onEpoch?: ((epoch: Epoch) => void | Promise<void>) | undefined;
  readonly onStep?: ((info: StepInfo) => void) | undefined;
  /** Verifies at times that the compiled step still means what the model says; see `compile`. */
  readonly check?: boolean | undefined;
}

/** Where a loss stopped being a number. */
export interface NonFiniteProblem {
  /** From 1. */
  readonly step: number;
  readonly epoch: number;
  /** Says the step, the operation and what to do. */
  readonly message: string;
}

export interface FitResult {
  readonly epochs: readonly Epoch[];
  /** The best epoch; where training ended within the first, what is known of that one. */
  readonly best: Epoch;
  readonly stopped: 'finished' | 'early' | 'aborted' | 'nan';
  /** For 'nan'. */
  readonly problem?: NonFiniteProblem;
}

/**
 * Trains a model. The step is compiled once a batch shape; losses are read in bulk, so that a device is never waited
 * for at each step. Afterwards the model is in evaluation mode, with the parameters of the best epoch if
 * `earlyStopping` says so (unless aborted).
 *
 * A loss that becomes NaN or infinite stops training: `stopped` is 'nan', `problem` says at which step and in which
 * operation, the model has the best or the last good parameters, and a checkpoint is the last good one.
 * @throws KindlingError for options that make no sense, and whatever the model, the loss or a callback throws.
 */
export declare function fit(model: Model, data: Dataset, options: FitOptions): Promise<FitResult>;
