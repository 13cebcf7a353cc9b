import {
  KindlingError,
  type Loss,
  type Metric,
  type Model,
  type Optimizer,
  type Schedule,
  suggestion,
} from '@kindling/core';
import type { Dataset, TargetForm } from '@kindling/data';
import type { CheckpointStore } from './checkpointStore.js';
import { higherIsBetter } from './common/direction.js';
import { TrainingRun } from './common/trainingRun.js';
import type { LossScaler } from './common/trainStep.js';
import type { Epoch } from './epoch.js';

/** Where training is when a learning rate is asked for. */
export interface LrMoment {
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
export type LrFunction = (moment: LrMoment) => number;

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
  /** For a metric as `monitor` that does not say so itself: whether more is better. */
  readonly higherIsBetter?: boolean | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /**
   * Sets the learning rates: a schedule of the optimizer, which is stepped after each epoch or step as its `interval` says
   * (with what `monitor` names, if it watches a number), or a function that is asked before each step.
   */
  readonly schedule?: Schedule | LrFunction | undefined;
  /** Scales the gradients down where their norm, over all parameters together, is greater than this. */
  readonly clipNorm?: number | undefined;
  /**
   * Batches to a step: their gradients are added up, each by its share of the rows, as if they were one batch. Where a
   * loss's mean is over weights (of classes, of what is not ignored), it is over those of each batch. Default 1.
   */
  readonly accumulate?: number | undefined;
  /** Scales losses for half precision, such as `gradScaler()`; steps whose gradients overflow are left out. */
  readonly scaler?: LossScaler | undefined;
  /**
   * What a step does whose gradients are not finite: end the training (default), or nothing. Losses that are not finite
   * are then not part of the epoch's loss.
   */
  readonly nonFinite?: 'stop' | 'skip' | undefined;
  /**
   * Computes the statistics of batch norms anew, on the training data, for the weights that are measured and used: where
   * the optimizer averages weights. Default false.
   */
  readonly refreshBatchNorm?: boolean | undefined;
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
  /** Says the step and the operation. */
  readonly cause: string;
  /** Says what to do, too. */
  readonly message: string;
}

export interface FitResult {
  readonly epochs: readonly Epoch[];
  /** The best epoch, the last where none could be measured; where training ended within the first, what is known of that. */
  readonly best: Epoch;
  readonly stopped: 'finished' | 'early' | 'aborted' | 'nan';
  /** For 'nan'. */
  readonly problem?: NonFiniteProblem;
}

/**
 * Trains a model, with any optimizer. The step is compiled once a batch shape; losses are read in bulk, so that a device is never waited
 * for at each step. Afterwards the model is in evaluation mode, with the parameters of the best epoch if
 * `earlyStopping` says so (unless aborted).
 *
 * A loss that becomes NaN or infinite stops training: `stopped` is 'nan', `problem` says at which step and in which
 * operation, the model has the best or the last good parameters, and a checkpoint is the last good one.
 * @throws KindlingError for options that make no sense, and whatever the model, the loss or a callback throws.
 */
export async function fit(model: Model, data: Dataset, options: FitOptions): Promise<FitResult> {
  checkOptions(model, data, options);
  return new TrainingRun(model, data, options).run();
}

/** Refuses what is none, and a factory that nobody called; TypeScript does, JavaScript does not. */
function made(name: string, value: unknown, isOne: boolean, example: string): void {
  const factory = value as { kind?: string; lossName?: string; optimizerName?: string } | undefined;
  if (isOne && factory?.kind !== name) return;
  const got =
    factory?.kind === name ? `the factory ${factory.lossName ?? factory.optimizerName}: call it` : String(value);
  throw new KindlingError(`fit: ${name} must be one that was made, such as ${example}, got ${got}`);
}

function checkOptions(model: Model, data: Dataset, options: FitOptions): void {
  const whole = (name: string, value: unknown, least: number): void => {
    if (!Number.isSafeInteger(value) || (value as number) < least)
      throw new KindlingError(`fit: ${name} must be a whole number of at least ${least}, got ${String(value)}`);
  };
  made('loss', options.loss, typeof options.loss === 'function', 'mseLoss()');
  made('optimizer', options.optimizer, 'groups' in Object(options.optimizer), 'adam(model.parameters())');
  const trained = new Set(options.optimizer.groups.flatMap(({ params }) => params));
  const trainable = model.parameters().filter((p) => p.requiresGrad);
  if (trainable.length > 0 && !trainable.some((p) => trained.has(p)))
    throw new KindlingError(
      `fit: the optimizer has no parameter of the model, which would stay as it is; make it of model.parameters(), as in ` +
        `${options.optimizer.optimizerName}(model.parameters())`,
    );
  whole('epochs', options.epochs, 1);
  whole('batchSize', options.batchSize, 1);
  if (options.accumulate !== undefined) whole('accumulate', options.accumulate, 1);
  if (options.seed !== undefined && !Number.isSafeInteger(options.seed))
    throw new KindlingError(`fit: seed must be a whole number, got ${String(options.seed)}`);
  if (data.rows === 0) throw new KindlingError('fit: the training data has no rows');
  if (options.dropLast === true && data.rows < options.batchSize)
    throw new KindlingError(
      `fit: dropLast leaves nothing of ${data.rows} rows in batches of ${options.batchSize}; use a smaller batchSize`,
    );
  if (options.validation?.rows === 0) throw new KindlingError('fit: the validation data has no rows');
  if (options.earlyStopping !== undefined) {
    whole('earlyStopping.patience', options.earlyStopping.patience, 1);
    const { minDelta = 0 } = options.earlyStopping;
    if (!(minDelta >= 0))
      throw new KindlingError(`fit: earlyStopping.minDelta must be at least 0, got ${String(minDelta)}`);
  }
  if (options.clipNorm !== undefined && !(options.clipNorm > 0))
    throw new KindlingError(`fit: clipNorm must be greater than 0, got ${String(options.clipNorm)}`);
  const { checkpoint, monitor = 'loss', metrics = {}, validation } = options;
  if (checkpoint !== undefined) {
    if ((checkpoint.folder === undefined) === (checkpoint.store === undefined))
      throw new KindlingError('fit: checkpoint needs a folder or a store, one of them');
    if (checkpoint.every !== undefined) whole('checkpoint.every', checkpoint.every, 1);
  }
  if (options.resume === true && checkpoint === undefined)
    throw new KindlingError('fit: resume needs checkpoint: { folder } to say where from');
  if (monitor !== 'loss') {
    if (!Object.hasOwn(metrics, monitor))
      throw new KindlingError(`fit: monitor is '${monitor}', which is not among metrics${suggestion(monitor, ['loss', ...Object.keys(metrics)])}`); // prettier-ignore
    if (validation === undefined)
      throw new KindlingError(`fit: monitor '${monitor}' needs validation data to be measured on`);
    if (higherIsBetter(options) === undefined)
      throw new KindlingError(`fit: the metric '${monitor}' does not say whether more is better; say so with higherIsBetter`); // prettier-ignore
  }
}
