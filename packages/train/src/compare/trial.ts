import { compile, type ConfiguredLoss, type ConfiguredMetric, KindlingError, type Model, noGrad, type Schedule, setRandomState, type Tensor, tensor, zeros } from '@kindling/core'; // prettier-ignore
import type { Dataset } from '@kindling/data';
import { breathe, now } from '../common/breathe.js';
import { modelState, optimizerState } from '../common/modelState.js';
import { asLogits, asValues } from '../common/outputs.js';
import { ModelSnapshot } from '../common/snapshot.js';
import { TrainStep } from '../common/trainStep.js';
import type { AnyOptimizer, ScheduleMaker } from '../compare.js';
import { type Head, withHead } from '../head.js';
import { batchesOf } from './batchCache.js';
import { isBetter, scoreOf } from './scorer.js';

/** One loss with one optimizer. */
export interface Combination {
  readonly lossName: string;
  readonly loss: ConfiguredLoss<Tensor[]>;
  readonly head: Head;
  readonly optimizer: AnyOptimizer;
  readonly optimizerOptions: Readonly<Record<string, unknown>>;
  readonly defaultLr: number;
}

/** What all combinations share in a round. */
export interface Conditions {
  readonly model: (inputs: number, outputs: number) => Model;
  readonly metric: ConfiguredMetric;
  readonly seed: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly measurements: number;
  readonly patience: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly schedule: ScheduleMaker | undefined;
  /** A time, as of `now()`, after which the run is given up. */
  readonly deadline: number;
}

/** Rows for training, for choosing the moment, and for the score. */
export interface Parts {
  readonly train: Dataset;
  readonly validation: Dataset;
  /** Default: the validation rows. */
  readonly scored?: Dataset | undefined;
}

export interface TrialResult {
  readonly diverged: boolean;
  /** For the choice of a learning rate; see `honestScore`. NaN if diverged. */
  readonly searchScore: number;
  /** The mean over the curve, to tell equal scores apart. */
  readonly meanValidation: number;
  /** On the scored rows, at the moment that was best on the validation rows. */
  readonly score: number;
  readonly curve: readonly { readonly step: number; readonly score: number }[];
  readonly seconds: number;
  /** With `keep`: the model as it was at its best. */
  readonly model: Model | undefined;
}

/** Thrown where a deadline passes during a run. */
export class OutOfTime extends Error {}

/**
 * One training run. Everything but the combination and its learning rate comes from the conditions and the parts, so
 * runs of different combinations differ in nothing else.
 */
export async function runTrial(
  { loss, head, optimizer: factory, optimizerOptions }: Combination,
  lr: number,
  parts: Parts,
  conditions: Conditions,
  keep = false,
): Promise<TrialResult> {
  const { metric, seed, batchSize, steps, measurements, patience, signal, deadline } = conditions;
  const started = now();
  setRandomState({ seed, counter: 0 });
  const model = withHead(conditions.model(parts.train.width, head.outputs), head);
  // dropout starts alike, however many numbers the initial weights took
  setRandomState({ seed, counter: 2 ** 20 });
  const optimizer = factory(model.parameters(), { ...optimizerOptions, lr });
  const stepsPerEpoch = Math.ceil(parts.train.rows / batchSize);
  const schedule = conditions.schedule?.(optimizer, { steps, stepsPerEpoch });
  requireDirection(schedule, metric);
  model.train(true);
  optimizer.train(true);
  const train = new TrainStep({ model, loss, optimizer, check: false }, zeros([]));
  const { validation, scored } = parts;
  const halves = scored === undefined && !keep ? halvesOf(validation) : undefined;
  const measure = measurer(model, head, halves ?? (scored === undefined ? [validation] : [validation, scored]));
  const best = keep ? new ModelSnapshot(model) : undefined;
  const curve: { step: number; score: number; other: number }[] = [];
  let chosen = -1;
  let unimproved = 0;
  let diverged = false;
  let step = 0;
  try {
    for (const { input, target } of batchesOf(parts.train, { size: batchSize, seed, encode: head.target, steps })) {
      await train.run([{ input, target }]);
      step += 1;
      if (schedule !== undefined && schedule.monitors === undefined)
        if (schedule.interval === 'step' || step % stepsPerEpoch === 0) schedule.step();
      await train.pace();
      await breathe();
      if (Math.floor((step * measurements) / steps) === Math.floor(((step - 1) * measurements) / steps)) continue;
      signal?.throwIfAborted();
      if (now() > deadline) throw new OutOfTime();
      model.train(false);
      optimizer.train(false);
      const scores = await measure(metric);
      model.train(true);
      if (scores === undefined) {
        diverged = true;
        break;
      }
      if (schedule?.monitors !== undefined) schedule.step(scores[0]);
      curve.push({ step, score: scores[0], other: scores.at(-1)! });
      const before = curve[chosen]?.score ?? NaN;
      unimproved = isBetter(metric, scores[0], before) ? 0 : unimproved + 1;
      // among equals the later one: on few rows many moments are equal, and more training tells
      if (!isBetter(metric, before, scores[0])) {
        chosen = curve.length - 1;
        best?.take();
      }
      optimizer.train(true);
      if (patience !== undefined && unimproved >= patience) break;
    }
    optimizer.train(false);
    best?.restore();
    model.train(false);
    return {
      diverged,
      searchScore: diverged ? NaN : honestScore(metric, curve),
      meanValidation: curve.reduce((sum, c) => sum + c.score, 0) / curve.length,
      score: curve[chosen]?.other ?? NaN,
      curve: curve.map((c) => ({ step: c.step, score: c.score })),
      seconds: (now() - started) / 1000,
      model: keep ? model : undefined,
    };
  } finally {
    // hundreds of runs follow each other faster than the collector frees them
    if (!keep) for (const v of Object.values(modelState(model))) v.dispose();
    for (const v of [...Object.values(optimizerState(optimizer).variables), train.pending]) v.dispose();
  }
}

function requireDirection(
  schedule: Schedule | undefined,
  { metricName: name, higherIsBetter }: ConfiguredMetric,
): void {
  if (schedule?.monitors === undefined || (schedule.monitors === 'max') === higherIsBetter) return;
  throw new KindlingError(
    `compare: ${schedule.scheduleName} watches the score, ${name}, of which ${higherIsBetter ? 'more' : 'less'} is better; ` +
      `give it mode '${higherIsBetter ? 'max' : 'min'}'`,
  );
}

/** Every second row, and the others. Rows of a stratified part are in random order. */
function halvesOf(data: Dataset): readonly [Dataset, Dataset] {
  const rows = Array.from({ length: data.rows }, (_, i) => i);
  return [data.subset(rows.filter((i) => i % 2 === 0)), data.subset(rows.filter((i) => i % 2 === 1))];
}

/**
 * The score of a run for which no rows were set apart: the moment that is best on one half of the validation rows is
 * scored on the other half, and the other way round. The best of the curve itself would favour learning rates that
 * jump about, by their luckiest moment.
 */
function honestScore(metric: ConfiguredMetric, curve: readonly { score: number; other: number }[]): number {
  const bestOf = (key: 'score' | 'other'): number =>
    curve.reduce((best, c, i) => (isBetter(metric, curve[best][key], c[key]) ? best : i), 0);
  if (curve.length === 0) return NaN;
  return (curve[bestOf('score')].other + curve[bestOf('other')].score) / 2;
}

/** Scores of the model on several data sets, computed together; undefined where an output is not finite. */
export function measurer(
  model: Model,
  head: Head,
  sets: readonly Dataset[],
): (metric: ConfiguredMetric) => Promise<number[] | undefined> {
  const [{ width: inputWidth, rowShape, task }] = sets;
  const rows = sets.reduce((n, d) => n + d.rows, 0);
  const inputs = new Float32Array(rows * inputWidth);
  let at = 0;
  for (const d of sets) {
    inputs.set(d.inputs, at);
    at += d.inputs.length;
  }
  const input = tensor(inputs, { shape: [rows, ...rowShape], copy: false });
  const forward = compile(
    (x: Tensor): Tensor =>
      noGrad(() => {
        const raw = model.forward(x);
        return task === 'regression' ? asValues(raw, head.output) : asLogits(raw, head.output);
      }),
    { check: false },
  );
  return async (metric) => {
    const outputs = (await forward(input).data()) as Float32Array;
    for (const x of outputs) if (!Number.isFinite(x)) return undefined;
    const width = outputs.length / rows;
    const scores: number[] = [];
    let from = 0;
    for (const d of sets) {
      scores.push(await scoreOf(metric, outputs.subarray(from, from + d.rows * width), width, d));
      from += d.rows * width;
    }
    return scores;
  };
}
