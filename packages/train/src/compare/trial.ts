import { compile, type ConfiguredLoss, type Model, noGrad, setRandomState, type Tensor, tensor, zeros } from '@kindling/core'; // prettier-ignore
import type { Dataset } from '@kindling/data';
import type { MetricInfo } from '@kindling/metrics';
import { breathe, now } from '../common/breathe.js';
import { modelState, optimizerState } from '../common/modelState.js';
import { asLogits, asValues } from '../common/outputs.js';
import { ModelSnapshot } from '../common/snapshot.js';
import { TrainStep } from '../common/trainStep.js';
import type { AnyOptimizer } from '../compare.js';
import { type Head, withHead } from '../head.js';
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
  readonly metric: MetricInfo;
  readonly seed: number;
  readonly batchSize: number;
  readonly steps: number;
  readonly measurements: number;
  readonly patience: number | undefined;
  readonly signal: AbortSignal | undefined;
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
  /** The best score on the validation rows; NaN if diverged before the first. */
  readonly validation: number;
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
  model.train(true);
  const train = new TrainStep({ model, loss, optimizer, check: false }, zeros([]));
  const measure = measurer(model, head, parts);
  const best = keep ? new ModelSnapshot(model) : undefined;
  const curve: { step: number; score: number }[] = [];
  let validation = NaN;
  let score = NaN;
  let unimproved = 0;
  let diverged = false;
  let step = 0;
  try {
    run: for (let epoch = 0; step < steps; epoch++) {
      for (const { input, target } of parts.train.batches({ size: batchSize, seed, epoch, encode: head.target })) {
        train.run(input, target);
        step += 1;
        await breathe();
        if (Math.floor((step * measurements) / steps) > Math.floor(((step - 1) * measurements) / steps)) {
          signal?.throwIfAborted();
          if (now() > deadline) throw new OutOfTime();
          model.train(false);
          const measured = await measure(metric);
          model.train(true);
          if (measured === undefined) {
            diverged = true;
            break run;
          }
          curve.push({ step, score: measured.validation });
          unimproved = isBetter(metric, measured.validation, validation) ? 0 : unimproved + 1;
          // among equals the later one: on few rows many moments are equal, and more training tells
          if (!isBetter(metric, validation, measured.validation)) {
            ({ validation, score } = measured);
            best?.take();
          }
          if (patience !== undefined && unimproved >= patience) break run;
        }
        if (step >= steps) break;
      }
    }
    best?.restore();
    model.train(false);
    const meanValidation = curve.reduce((sum, c) => sum + c.score, 0) / curve.length;
    const seconds = (now() - started) / 1000;
    return { diverged, validation: diverged ? NaN : validation, meanValidation, score, curve, seconds, model: keep ? model : undefined }; // prettier-ignore
  } finally {
    // hundreds of runs follow each other faster than the collector frees them
    if (!keep) for (const v of Object.values(modelState(model))) v.dispose();
    for (const v of [...Object.values(optimizerState(optimizer).variables), train.pending]) v.dispose();
  }
}

/** Scores on validation and scored rows together; undefined where an output is not finite. */
export function measurer(
  model: Model,
  head: Head,
  { validation, scored }: Parts,
): (metric: MetricInfo) => Promise<{ validation: number; score: number } | undefined> {
  const sets = scored === undefined ? [validation] : [validation, scored];
  const rows = sets.reduce((n, d) => n + d.rows, 0);
  const inputs = new Float32Array(rows * validation.width);
  let at = 0;
  for (const d of sets) {
    inputs.set(d.inputs, at);
    at += d.inputs.length;
  }
  const input = tensor(inputs, { shape: [rows, ...validation.rowShape], copy: false });
  const regression = validation.task === 'regression';
  const forward = compile(
    (x: Tensor): Tensor =>
      noGrad(() => {
        const raw = model.forward(x);
        return regression ? asValues(raw, head.output) : asLogits(raw, head.output);
      }),
    { check: false },
  );
  return async (metric) => {
    const outputs = (await forward(input).data()) as Float32Array;
    if (!outputs.every((x) => Number.isFinite(x))) return undefined;
    const width = outputs.length / rows;
    const scores: number[] = [];
    let from = 0;
    for (const d of sets) {
      scores.push(await scoreOf(metric, outputs.subarray(from, from + d.rows * width), width, d));
      from += d.rows * width;
    }
    return { validation: scores[0], score: scores.at(-1)! };
  };
}
