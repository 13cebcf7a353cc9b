import { KindlingError, type ScheduleConfig } from '@kindling/core';
import type { DataTask, Split, Table } from '@kindling/data';
import { type AnyMetric, rankingMetric, savePipeline } from '@kindling/train';
import { chooseLoss, type ChosenLoss } from '../choices/chooseLoss.js';
import { chooseMetrics, type ChosenMetric, metricOf, usualMetric } from '../choices/chooseMetric.js';
import { chooseOptimizer, type ChosenOptimizer, steadierFlags } from '../choices/chooseOptimizer.js';
import { chooseSchedule, withWarmup } from '../choices/chooseSchedule.js';
import { readTable } from '../choices/readTable.js';
import { requireTarget } from '../choices/requireTarget.js';
import { withBackend } from '../choices/withBackend.js';
import { brief, plural, shown } from '../console/numbers.js';
import { taskText } from '../console/taskText.js';
import { progress } from '../console/progress.js';
import type { Context } from '../context.js';
import { Interrupted, TrainingFailed } from '../exit.js';
import {
  freePlace,
  type OutputPlace,
  placeOf,
  removeIfEmpty,
  requireWritable,
  usualOut,
} from '../files/modelFolder.js';
import { commandLine } from '../settings/commandLine.js';
import { configOf, rerun } from '../settings/rerun.js';
import { decimalWords } from '../settings/shared.js';
import { beginCheckpoint, dropEmptyCheckpoint, endCheckpoint, hasCheckpoint, resumeCheckpoint, type RunFile } from '../training/checkpoint.js'; // prettier-ignore
import { crossValidate, type FoldScores } from '../training/crossValidate.js';
import { describeRun, infoOf, jsonOf, type TrainOutcome } from '../training/outcome.js';
import type { Plan } from '../training/plan.js';
import { type FitRun, runFit } from '../training/runFit.js';
import { score } from '../training/score.js';
import { stoppable } from '../training/stoppable.js';
import { chosenOptions } from '../commands/command.js';
import type { TrainRequest } from '../commands/train.js';

/** Trains, keeps the model and its report, and says how it went. */
export async function runTrain(context: Context, request: TrainRequest): Promise<void> {
  const { terminal, registry } = context;
  const { values } = request;
  const [path] = request.arguments as [string];
  const target = await requireTarget(context, 'train', path, values.target, values.delimiter);
  const { table, fingerprint } = await readTable(context, { path, ...values, target });
  const loss = chooseLoss(registry, values.loss, table.task, request.options);
  const optimizer = chooseOptimizer(registry, values.optimizer, values.lr, request.options);
  const schedule = chooseSchedule(registry, values.schedule, [optimizer], request.options);
  const chosenMetrics = chooseMetrics(registry, table.task, values, request.options);
  const metrics = chosenMetrics.map((m) => {
    const metric = metricOf(registry, m);
    if (metric.higherIsBetter === undefined && m.name !== values.metric)
      throw new KindlingError(
        `--metrics: '${m.name}' is not one number; 'kindling evaluate <model> <data.csv> --metrics ${m.name}' shows it afterwards`,
      );
    return rankingMetric(metric, table.task);
  });
  const plan = planOf(
    request,
    table.task,
    loss,
    optimizer,
    chosenMetrics,
    withWarmup(registry, schedule, values.warmup),
  );
  const shares = sharesOf(request);
  if (request.printConfig) {
    const { lr, ...rest } = optimizer.options;
    const chosen = { loss: loss.name, optimizer: optimizer.name, lr: lr ?? optimizer.lr, task: table.task };
    const options = { ...chosenOptions('loss', loss.options), ...chosenOptions('optimizer', rest), ...chosenOptions('schedule', schedule?.options ?? {}), ...chosenOptions('metric', Object.fromEntries(chosenMetrics.flatMap((m) => Object.entries(m.options)))) }; // prettier-ignore
    terminal.object(configOf(request, { ...chosen, ...options }));
    return;
  }
  const whole = table.splitIndices({ ...shares, seed: values.seed });
  const split = table.splitRows(whole, { standardizeTarget: standardizes(loss) });
  requireEnough(split, table, values);
  await withBackend(context, values.backend, request.options, async () => {
    const place = await outputOf(context, request);
    const command = rerun(request, ['force', 'resume']);
    const onward = rerun(request, ['force', 'resume', 'out'], ['--out', place.shown, '--resume']);
    const runFile: RunFile = { format: 'kindling-run', version: 1, plan, target, shares, fingerprint, command: onward };
    if (values.resume === true) await resumeCheckpoint(place, runFile);
    else await beginCheckpoint(place, runFile);
    try {
      await stoppable(
        context,
        (signal) =>
        trainAndKeep({ context, request, table, split, loss, metrics, optimizer, plan, place, command, onward, fingerprint, signal }), // prettier-ignore
      );
    } catch (error) {
      await dropEmptyCheckpoint(place);
      throw error;
    }
  });
}

interface Job {
  readonly context: Context;
  readonly request: TrainRequest;
  readonly table: Table;
  readonly split: Split;
  readonly loss: ChosenLoss;
  readonly metrics: readonly AnyMetric[];
  readonly optimizer: ChosenOptimizer;
  readonly plan: Plan;
  readonly place: OutputPlace;
  readonly command: string;
  readonly onward: string;
  readonly fingerprint: string;
  readonly signal: AbortSignal;
}

async function trainAndKeep(job: Job): Promise<void> {
  const { context, request, table, split, plan, place, signal } = job;
  const { terminal } = context;
  const started = performance.now();
  terminal.note(
    `${taskText(table.task)} of '${table.target.name}': ${plural(split.train.rows, 'row')} for training, ${split.validation.rows} for validation, ${split.test.rows} for the test; ` +
      `${plan.loss.name}, ${plan.optimizer.name} (lr ${brief(job.optimizer.lr)})${plan.schedule === undefined ? '' : `, ${plan.schedule.name}`}`,
  );
  const trained = await trainOnce(job);
  // all that is left is short, but for the folds: a Ctrl-C from here on finds the training kept
  const { folds } = request.values;
  const cross = folds === undefined ? undefined : await crossValidate({ context, table, plan, split, folds, loss: job.loss, metrics: job.metrics, share: sharesOf(request).validation, signal }); // prettier-ignore
  if (signal.aborted) throw interrupted(job);
  const outcome = await outcomeOf(job, trained, cross, (performance.now() - started) / 1000);
  const { reportOf } = await import('../report/trainReport.js');
  await removeIfEmpty(place.folder);
  await savePipeline(place.folder, {
    preprocessing: split.preprocessing,
    model: trained.model,
    loss: trained.loss,
    metrics: finite(outcome.metrics),
    info: infoOf(outcome),
    files: { 'report.html': await reportOf(outcome) },
    force: request.values.force === true,
  });
  await endCheckpoint(place);
  if (terminal.json) terminal.object(jsonOf(outcome));
  else describeRun(terminal, outcome);
}

async function trainOnce(job: Job): Promise<FitRun> {
  const { context, request, plan, split, place, signal } = job;
  const { terminal } = context;
  const bar = await progress(terminal, plan.epochs, 'epochs');
  let trained: FitRun;
  try {
    trained = await runFit(plan, split, {
      registry: context.registry,
      signal,
      checkpoint: { folder: place.checkpoint, every: checkpointEvery(split.train.rows) },
      resume: request.values.resume === true,
      onEpoch: ({ epoch, loss, validationLoss, metrics }) => {
        const measured = metrics[plan.metric.name];
        bar.update(
          epoch,
          `loss ${shown(loss)}${validationLoss === undefined ? '' : `  validation ${shown(validationLoss)}`}` +
            (measured === undefined ? '' : `  ${plan.metric.name} ${shown(measured)}`),
        );
      },
    });
  } finally {
    bar.stop();
  }
  const { stopped, problem } = trained.result;
  if (stopped === 'aborted') throw interrupted(job);
  if (stopped === 'nan') {
    const kept = (await hasCheckpoint(place)) ? `\nThe last good checkpoint is in ${place.checkpointShown}.` : '';
    throw new TrainingFailed(
      `${problem?.cause ?? 'the loss became NaN or infinite'}${kept}\n${steadying(job.optimizer)}`,
    );
  }
  return trained;
}

function steadying({ name, factory, options }: ChosenOptimizer): string {
  const flags = steadierFlags(factory, options);
  return flags === undefined
    ? 'A smaller --lr, or --clip-norm 1, often helps.'
    : `${name} is steadier with ${flags}; a smaller --lr, or --clip-norm 1, often helps, too.`;
}

/** Small tables have epochs of milliseconds: a file for each would cost as much as the training. */
function checkpointEvery(rows: number): number {
  return Math.max(1, Math.round(2000 / rows));
}

function interrupted({ place, onward }: Job): Interrupted {
  return new Interrupted(`stopped; the checkpoint is in ${place.checkpointShown}. To go on:\n  ${onward}`);
}

async function outcomeOf(
  job: Job,
  { model, loss, result }: FitRun,
  cross: FoldScores | undefined,
  seconds: number,
): Promise<TrainOutcome> {
  const { split, table, plan, request, context, metrics } = job;
  const heldOut = split.test.rows > 0 ? 'test' : split.validation.rows > 0 ? 'validation' : 'training';
  const data = { test: split.test, validation: split.validation, training: split.train }[heldOut];
  const { metrics: scores, outcomes } = await score(model, data, loss.output, metrics);
  const { permutationImportance } = await import('@kindling/train');
  const importance = await permutationImportance(model, data, {
    preprocessing: split.preprocessing,
    metric: metricOf(context.registry, plan.metric),
    output: loss.output,
    seed: plan.seed,
  });
  const byFolds = cross !== undefined && split.test.rows === 0;
  return {
    ...{ table, split, plan, result, outcomes, importance, cross, seconds, context },
    data: request.arguments[0],
    place: job.place,
    command: job.command,
    onward: commandLine(['kindling', 'predict', job.place.shown, 'new.csv', ...decimalWords(request.values.decimal)]),
    fingerprint: job.fingerprint,
    lr: job.optimizer.lr,
    parameters: model.parameters().reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0),
    heldOut: byFolds ? 'folds' : heldOut,
    metrics: byFolds ? cross.mean : scores,
  };
}

function finite(metrics: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)));
}

function planOf(
  request: TrainRequest,
  task: DataTask,
  loss: ChosenLoss,
  optimizer: ChosenOptimizer,
  metrics: readonly ChosenMetric[],
  schedule: ScheduleConfig | undefined,
): Plan {
  const { values } = request;
  const { hidden, activation, dropout, epochs, batchSize, patience, clipNorm, seed, classWeight, metric } = values;
  const watched = metric ?? usualMetric(task);
  if (classWeight !== undefined && task === 'regression')
    throw new KindlingError('--class-weight is for classes, but the task is regression');
  if (classWeight !== undefined && ('weight' in loss.options || 'posWeight' in loss.options))
    throw new KindlingError('give --class-weight or the weights themselves, not both');
  return {
    ...{ hidden, activation, dropout, epochs, batchSize, patience, clipNorm, seed, classWeight },
    loss: { name: loss.name, options: loss.options },
    optimizer: { name: optimizer.name, options: optimizer.options },
    schedule,
    monitor: metric ?? 'loss',
    metric: metrics.find((m) => m.name === watched) ?? { name: watched, options: {} },
  };
}

/** With folds the folds are the held-out rows, and the model may learn from all. */
function sharesOf({ values, given }: TrainRequest): { validation: number; test: number } {
  const { folds, validation, test } = values;
  const asked = given.flags.has('test') || given.file.has('test');
  return { validation, test: folds !== undefined && !asked ? 0 : test };
}

function standardizes({ factory, options }: ChosenLoss): boolean {
  return factory.outputOf(options) === 'value';
}

function requireEnough(split: Split, table: Table, values: TrainRequest['values']): void {
  if (values.test > 0 && split.test.rows === 0 && values.folds === undefined)
    throw new KindlingError(
      `${plural(table.rows, 'row')} are too few to hold ${values.test} of them out for the test; use --test 0, or more data`,
    );
  const { folds = 0 } = values;
  const folded = split.train.rows + split.validation.rows;
  if (folds > folded)
    throw new KindlingError(`--folds must be at most ${folded}, the rows that are not for the test, got ${folds}`);
  const seen = new Set(split.train.targets);
  if (table.task !== 'regression' && seen.size < table.classes.length)
    throw new KindlingError(
      `there are too few rows of some classes of '${table.target.name}' for the training part to have all of them; use more data, or drop the rare classes`,
    );
}

async function outputOf({ cwd }: Context, { values }: TrainRequest): Promise<OutputPlace> {
  const { out, force = false, resume = false } = values;
  const place = out === undefined && !resume ? await freePlace(cwd) : placeOf(cwd, out ?? usualOut);
  await requireWritable(place, { force, resume });
  return place;
}
