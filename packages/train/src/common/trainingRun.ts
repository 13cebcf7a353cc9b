import {
  KindlingError,
  type Model,
  type Optimizer,
  randomState,
  type Schedule,
  type Tensor,
  zeros,
} from '@kindling/core';
import type { Batch, Dataset } from '@kindling/data';
import type { CheckpointStore } from '../checkpointStore.js';
import type { Epoch } from '../epoch.js';
import { higherIsBetter } from './direction.js';
import type { FitOptions, FitResult, NonFiniteProblem } from '../fit.js';
import { folderStore } from '../folderStore.js';
import { breathe, now } from './breathe.js';
import { applyCheckpoint, type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';
import { diagnose } from './diagnose.js';
import { Evaluator } from './evaluator.js';
import { grouped } from './grouped.js';
import { outputOf } from './outputs.js';
import { ModelSnapshot, TrainingSnapshot } from './snapshot.js';
import { probe } from './targetForm.js';
import { TrainStep } from './trainStep.js';
import { updateBatchNorm } from '../updateBatchNorm.js';

/** Losses are read, and the state is taken as good, every so many steps of an epoch. */
const stepsPerRead = 64;

/** One call of `fit`. */
export class TrainingRun {
  readonly #model: Model;
  readonly #data: Dataset;
  readonly #options: FitOptions;
  readonly #step: TrainStep;
  readonly #evaluator: Evaluator | undefined;
  readonly #seed: number;
  /** What the steps of an epoch take: one batch each, or several. */
  readonly #batches: (epoch: number) => Iterable<readonly Batch[]>;
  readonly #stepsPerEpoch: number;
  readonly #store: CheckpointStore | undefined;
  readonly #bestModel: ModelSnapshot | undefined;
  readonly #higherIsBetter: boolean;
  readonly #started = now();

  // where training is; a checkpoint holds all of it
  #epoch = 0;
  #stepInEpoch = 0;
  #steps = 0;
  #lossSum = 0;
  #rows = 0;
  readonly #epochs: Epoch[] = [];
  #best = -1;
  #baseLr: readonly number[];
  #secondsBefore = 0;

  readonly #schedule: Schedule | undefined;

  /** The last state that was known to be good, and the position in the epoch where it was taken. */
  readonly #good: TrainingSnapshot;
  #goodStepInEpoch = 0;

  constructor(model: Model, data: Dataset, options: FitOptions) {
    this.#model = model;
    this.#data = data;
    this.#options = options;
    const {
      loss,
      optimizer,
      validation,
      monitor = 'loss',
      checkpoint,
      batchSize,
      dropLast = false,
      accumulate = 1,
    } = options;
    const { form, value } = probe(model, data, loss, options.target);
    const { clipNorm, scaler, check } = options;
    const skipNonFinite = options.nonFinite === 'skip';
    this.#step = new TrainStep({ model, loss, optimizer, clipNorm, scaler, skipNonFinite, check }, value);
    this.#evaluator =
      validation === undefined
        ? undefined
        : new Evaluator(model, validation, { form, loss, output: outputOf(loss, data.task), check: options.check });
    const seed = (this.#seed = options.seed ?? randomState().seed);
    this.#batches = (epoch) => grouped(data.batches({ size: batchSize, seed, epoch, dropLast, encode: form }), accumulate); // prettier-ignore
    const batches = dropLast ? Math.floor(data.rows / batchSize) : Math.ceil(data.rows / batchSize);
    this.#stepsPerEpoch = Math.ceil(batches / accumulate);
    this.#store = checkpoint?.store ?? (checkpoint?.folder === undefined ? undefined : folderStore(checkpoint.folder));
    const keepBest = options.earlyStopping !== undefined && options.earlyStopping.restoreBest !== false;
    this.#bestModel = keepBest ? new ModelSnapshot(model) : undefined;
    this.#higherIsBetter = monitor !== 'loss' && (higherIsBetter(options) ?? false);
    this.#baseLr = optimizer.groups.map((g) => g.lr);
    this.#schedule = typeof options.schedule === 'object' ? options.schedule : undefined;
    const { monitors, scheduleName } = this.#schedule ?? {};
    if (monitors !== undefined && (monitors === 'max') !== this.#higherIsBetter)
      throw new KindlingError(
        `fit: ${scheduleName} waits for a number that should ${monitors === 'max' ? 'rise' : 'fall'}, but of '${monitor}' ` +
          `${this.#higherIsBetter ? 'more' : 'less'} is better; give it mode '${this.#higherIsBetter ? 'max' : 'min'}'`,
      );
    this.#good = new TrainingSnapshot(model, optimizer);
  }

  async run(): Promise<FitResult> {
    const { epochs, signal, optimizer } = this.#options;
    await this.#resume();
    this.#model.train(true);
    optimizer.train(true);
    if (this.#stepInEpoch === 0) this.#takeGood();
    while (this.#epoch < epochs) {
      if (this.#isExhausted()) return this.#finish('early');
      const outcome = await this.#runEpoch();
      if (outcome === 'aborted') return this.#finish('aborted');
      if (outcome !== 'done') return this.#finish('nan', outcome);
      await this.#endEpoch();
    }
    return this.#finish(this.#isExhausted() && this.#epoch < epochs ? 'early' : signal?.aborted === true && this.#epoch < epochs ? 'aborted' : 'finished'); // prettier-ignore
  }

  /** The steps of one epoch, from `stepInEpoch` on. */
  async #runEpoch(): Promise<'done' | 'aborted' | NonFiniteProblem> {
    const { signal, onStep, optimizer, schedule, epochs } = this.#options;
    const steps = epochs * this.#stepsPerEpoch;
    this.#model.train(true);
    let position = 0;
    for (const batches of this.#batches(this.#epoch)) {
      if (position++ < this.#stepInEpoch) continue; // taken before the checkpoint
      await breathe();
      if (signal?.aborted === true) return 'aborted';
      if (typeof schedule === 'function')
        optimizer.groups.forEach((g, group) => {
          const lr = schedule({ step: this.#steps, epoch: this.#epoch, steps, lr: this.#baseLr[group] ?? g.lr, group });
          if (!Number.isFinite(lr))
            throw new KindlingError(`fit: the schedule gave the learning rate ${String(lr)} at step ${this.#steps}`);
          g.lr = lr;
        });
      await this.#step.run(batches);
      for (const { input } of batches) this.#rows += input.shape[0];
      this.#stepInEpoch += 1;
      this.#steps += 1;
      if (this.#schedule?.interval === 'step' && this.#schedule.monitors === undefined) this.#schedule.step();
      await this.#step.pace();
      onStep?.({ step: this.#steps, epoch: this.#epoch + 1, steps });
      if (this.#stepInEpoch % stepsPerRead === 0 || this.#stepInEpoch === this.#stepsPerEpoch) {
        const problem = await this.#readLosses();
        if (problem !== undefined) return problem;
      }
    }
    return 'done';
  }

  /** Adds the losses since the last time up; a problem if they are not finite. */
  async #readLosses(): Promise<NonFiniteProblem | undefined> {
    const { sum, left } = await this.#step.takePending();
    // an update may have broken the parameters without any loss to show it yet
    if (!Number.isFinite(sum) || !(await this.#step.isHealthy())) return this.#explain(sum);
    this.#lossSum += sum;
    this.#rows -= left;
    this.#takeGood();
    return undefined;
  }

  #takeGood(): void {
    this.#good.take();
    this.#goodStepInEpoch = this.#stepInEpoch;
  }

  async #endEpoch(): Promise<void> {
    const { optimizer, validation, metrics = {}, onEpoch, checkpoint, epochs } = this.#options;
    const made = Object.fromEntries(Object.entries(metrics).map(([name, create]) => [name, create()]));
    // the weights that shall be used are measured, and are those of a best epoch
    optimizer.train(false);
    if (validation !== undefined) await this.#refreshBatchNorm();
    const measured = validation === undefined ? undefined : await this.#evaluator!.measure(validation, made);
    const record: Epoch = {
      epoch: this.#epoch + 1,
      step: this.#steps,
      loss: this.#lossSum / this.#rows,
      ...(measured === undefined ? {} : { validationLoss: measured.loss }),
      metrics: measured?.metrics ?? {},
      lr: optimizer.groups.map((g) => g.lr),
      seconds: this.#seconds(),
    };
    this.#epochs.push(record);
    if (this.#isBetter(record)) {
      this.#best = this.#epochs.length - 1;
      this.#bestModel?.take();
    }
    optimizer.train(true);
    const { monitors, interval } = this.#schedule ?? {};
    if (monitors !== undefined) this.#schedule!.step(this.#monitored(record));
    else if (interval === 'epoch') this.#schedule!.step();
    this.#epoch += 1;
    this.#stepInEpoch = 0;
    this.#goodStepInEpoch = 0;
    this.#lossSum = 0;
    this.#rows = 0;
    const last = this.#epoch === epochs || this.#isExhausted();
    if (this.#store !== undefined && (last || this.#epoch % (checkpoint?.every ?? 1) === 0)) await this.#checkpoint();
    await onEpoch?.(record);
  }

  /** Running statistics that belong to the weights that the parameters hold now. */
  async #refreshBatchNorm(): Promise<void> {
    if (this.#options.refreshBatchNorm !== true) return;
    const inputs = function* (steps: Iterable<readonly Batch[]>): Iterable<Tensor> {
      for (const batches of steps) for (const { input } of batches) yield input;
    };
    await updateBatchNorm(inputs(this.#batches(this.#epoch)), this.#model);
  }

  #isBetter(record: Epoch): boolean {
    const value = this.#monitored(record);
    if (Number.isNaN(value)) return false;
    if (this.#best < 0) return true;
    const best = this.#monitored(this.#epochs[this.#best]);
    const { minDelta = 0 } = this.#options.earlyStopping ?? {};
    return this.#higherIsBetter ? value > best + minDelta : value < best - minDelta;
  }
  #monitored(record: Epoch): number {
    const { monitor = 'loss' } = this.#options;
    return monitor === 'loss' ? (record.validationLoss ?? record.loss) : record.metrics[monitor];
  }
  /** Whether early stopping has run out of patience. */
  #isExhausted(): boolean {
    const { earlyStopping } = this.#options;
    return earlyStopping !== undefined && this.#epochs.length - 1 - Math.max(this.#best, -1) >= earlyStopping.patience && this.#epochs.length > 0; // prettier-ignore
  }

  async #finish(stopped: FitResult['stopped'], problem?: NonFiniteProblem): Promise<FitResult> {
    if (stopped === 'aborted' && this.#store !== undefined) await this.#checkpoint();
    if (stopped === 'nan') {
      this.#good.restore();
      this.#step.setPending(zeros(this.#step.pending.shape));
    }
    this.#options.optimizer.train(false);
    await this.#refreshBatchNorm();
    if (stopped !== 'aborted' && this.#best >= 0) this.#bestModel?.restore();
    this.#model.train(false);
    const best = this.#epochs[this.#best] ?? this.#epochs.at(-1) ?? (await this.#unfinished());
    return { epochs: [...this.#epochs], best, stopped, ...(problem === undefined ? {} : { problem }) };
  }
  /** What is known of an epoch that did not end. */
  async #unfinished(): Promise<Epoch> {
    const [pending, left = 0] = await this.#step.pending.data();
    const sum = this.#lossSum + pending;
    return {
      epoch: this.#epoch + 1,
      step: this.#steps,
      loss: this.#rows === 0 ? NaN : sum / (this.#rows - left),
      metrics: {},
      lr: this.#options.optimizer.groups.map((g) => g.lr),
      seconds: this.#seconds(),
    };
  }

  /** Finds out where the losses since the last good state went wrong. */
  async #explain(sum: number): Promise<NonFiniteProblem> {
    const skip = this.#goodStepInEpoch;
    const epoch = this.#epoch;
    const from = this.#steps - (this.#stepInEpoch - skip);
    const all = this.#batches;
    const batches = function* (): Iterable<readonly Batch[]> {
      let position = 0;
      for (const step of all(epoch)) if (position++ >= skip) yield step;
    };
    const found = await diagnose(this.#step, this.#good, batches);
    const step = found === undefined ? this.#steps : from + found.offset + 1;
    const what =
      found?.message ??
      `a number stopped being finite (the losses add up to ${sum}) between steps ${from + 1} and ${this.#steps}`;
    return problemAt(step, epoch + 1, what, this.#options.optimizer);
  }
  async #checkpoint(): Promise<boolean> {
    return writeCheckpoint(
      this.#store!,
      this.#model,
      this.#options.optimizer,
      this.#bestModel?.values ?? {},
      this.#options.scaler,
      this.#step.pending,
      {
        settings: this.#settings(),
        epoch: this.#epoch,
        stepInEpoch: this.#stepInEpoch,
        step: this.#steps,
        lossSum: this.#lossSum,
        rows: this.#rows,
        epochs: this.#epochs,
        best: this.#best,
        baseLr: this.#baseLr,
        ...(this.#schedule === undefined ? {} : { schedule: this.#schedule.stateDict() }),
        seconds: this.#seconds(),
      },
    );
  }

  /** What must not change between the parts of a run, or the curve would be another one. */
  #settings(): Record<string, unknown> {
    const { batchSize, dropLast = false, accumulate = 1, optimizer, loss, monitor = 'loss' } = this.#options;
    const lossName = (loss as { lossName?: string }).lossName ?? null;
    const schedule = this.#schedule?.scheduleName ?? null;
    return { rows: this.#data.rows, batchSize, dropLast, accumulate, seed: this.#seed, optimizer: optimizer.optimizerName, loss: lossName, schedule, monitor }; // prettier-ignore
  }

  async #resume(): Promise<void> {
    if (this.#options.resume !== true) return;
    const checkpoint = await readCheckpoint(this.#store!);
    if (checkpoint === undefined) return;
    this.#requireSameSettings(checkpoint);
    applyCheckpoint(checkpoint, this.#model, this.#options.optimizer, this.#options.scaler);
    const { progress } = checkpoint;
    this.#step.setPending(checkpoint.pending);
    this.#epoch = progress.epoch;
    this.#stepInEpoch = progress.stepInEpoch;
    this.#steps = progress.step;
    this.#lossSum = progress.lossSum;
    this.#rows = progress.rows;
    this.#epochs.push(...progress.epochs);
    this.#best = progress.best;
    this.#baseLr = progress.baseLr;
    if (this.#schedule !== undefined && progress.schedule !== undefined)
      this.#schedule.loadStateDict(progress.schedule);
    this.#secondsBefore = progress.seconds;
    if (progress.best >= 0 && this.#bestModel !== undefined) {
      if (Object.keys(checkpoint.best).length === 0)
        throw new KindlingError(
          'resume: the checkpoint was made without earlyStopping.restoreBest, so the best parameters are lost; use restoreBest: false',
        );
      this.#bestModel.load(checkpoint.best);
    }
    this.#takeGood();
  }
  #requireSameSettings({ progress }: Checkpoint): void {
    for (const [name, now] of Object.entries(this.#settings())) {
      const then = progress.settings[name];
      if (then !== now)
        throw new KindlingError(
          `resume: ${name} was ${JSON.stringify(then)} when the checkpoint was made, and is ${JSON.stringify(now)} now; ` +
            `use the same, or start anew without resume`,
        );
    }
  }

  #seconds(): number {
    return this.#secondsBefore + (now() - this.#started) / 1000;
  }
}

function problemAt(step: number, epoch: number, what: string, optimizer: Optimizer): NonFiniteProblem {
  const cause = `step ${step} (epoch ${epoch}): ${what}`;
  const steadier = Object.entries(optimizer.steadier ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const own = steadier.length === 0 ? '' : `; ${optimizer.optimizerName} is steadier with ${steadier.join(', ')}`;
  return {
    ...{ step, epoch, cause },
    message: `${cause}. A lower learning rate, clipNorm, or standardised inputs may help${own}`,
  };
}
