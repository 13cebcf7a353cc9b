import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { KindlingError } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import { metricNamed } from '@kindling/metrics';
import { mlp } from '@kindling/nn';
import { compare, type Comparison, savePipeline } from '@kindling/train';
import { chooseLoss, fittingLosses } from '../choices/chooseLoss.js';
import { readTable } from '../choices/readTable.js';
import { requireTarget } from '../choices/requireTarget.js';
import { sharedOptions } from '../choices/sharedOptions.js';
import { withBackend } from '../choices/withBackend.js';
import { plural } from '../console/numbers.js';
import { progress } from '../console/progress.js';
import type { Context } from '../context.js';
import { Interrupted } from '../exit.js';
import { fileProblem } from '../files/fileProblem.js';
import { placeOf, removeIfEmpty, requireWritable } from '../files/modelFolder.js';
import { writeAtomically } from '../files/writeAtomically.js';
import { configOf, rerun } from '../settings/rerun.js';
import { custom, flag, integer, numeric, text, withDefault, words } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { describeComparison, jsonOfComparison } from '../training/comparison.js';
import { stoppable } from '../training/stoppable.js';
import { defineCommand, type Request } from './command.js';

type LearningRates = 'default' | 'search' | readonly number[];

const settings = {
  target: shared.target,
  task: shared.task,
  losses: words('losses', { description: 'losses to compare', placeholder: '<a,b>', defaultText: 'all that fit the task' }), // prettier-ignore
  optimizers: words('optimizers', { description: 'optimizers to compare', placeholder: '<a,b>', defaultText: 'all' }),
  lr: withDefault(
    custom<LearningRates>('lr', {
      description: 'learning rates: default, search, or a list',
      placeholder: '<search|default|x,y>',
      parse: (t) => (t === 'default' || t === 'search' ? t : t.split(',').map(numeric)),
      check: (v) => {
        const list = typeof v === 'number' ? [v] : v;
        if (list === 'default' || list === 'search') return list;
        return Array.isArray(list) && list.length > 0 && list.every((x) => typeof x === 'number' && x > 0) ? (list as number[]) : undefined; // prettier-ignore
      },
      what: "'default', 'search' or numbers greater than 0, separated by commas",
    }),
    'search',
  ),
  metric: text('metric', { description: 'what ranks', placeholder: '<name>', defaultText: 'accuracy, or rmse' }),
  seeds: custom<readonly number[]>('seeds', {
    description: 'seeds of the repetitions, or how many',
    placeholder: '<n|n,n>',
    parse: (t) => (t.includes(',') ? t.split(',').map(numeric) : numeric(t)),
    check: (v) => {
      if (typeof v === 'number') return Number.isInteger(v) && v >= 1 && v <= 1000 ? Array.from({ length: v }, (_, i) => i) : undefined; // prettier-ignore
      return Array.isArray(v) && v.length > 0 && v.every((x) => Number.isInteger(x) && (x as number) >= 0) ? (v as number[]) : undefined; // prettier-ignore
    },
    what: 'a count from 1, or whole numbers separated by commas',
  }),
  folds: integer('folds', { description: 'folds of the final comparison; 0: none', minimum: 0, maximum: 1000 }),
  steps: integer('steps', { description: 'steps of each run, the same for all', minimum: 1 }),
  timeLimit: custom<number>('time-limit', {
    description: 'cuts steps and repetitions of all alike to stay below it',
    placeholder: '<30s|5m>',
    parse: (t) => {
      const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(t.trim());
      return match === null ? t : Number(match[1]) * { s: 1, m: 60, min: 60, h: 3600 }[(match[2] ?? 's') as 's'];
    },
    check: (v) => (typeof v === 'number' && v > 0 ? v : undefined),
    what: 'a time such as 30s, 5m or 1h',
  }),
  hidden: withDefault(shared.hidden, [32]),
  activation: shared.activation,
  dropout: shared.dropout,
  batchSize: shared.batchSize,
  validation: shared.validation,
  test: shared.test,
  drop: shared.drop,
  delimiter: shared.delimiter,
  seed: shared.seed,
  backend: shared.backend,
  report: text('report', { description: 'write a report with curves there', placeholder: '<file.html>' }),
  out: text('out', { description: 'keep the winner as a model there', placeholder: '<dir>' }),
  force: flag('force', { description: 'overwrite a report or model that is there', transient: true }),
};

const definition = {
  name: 'compare',
  summary: 'Compare losses and optimizers on a table, all under the same conditions.',
  arguments: '<data.csv>',
  argumentHelp: { 'data.csv': 'a table with a header; - reads standard input' },
  settings,
  plugins: ['loss', 'optimizer', 'backend'],
  examples: [
    'compare data/iris.csv --target species --report iris.html',
    'compare data/diabetes.csv --target progression --losses mseLoss,huberLoss --optimizers sgd,adam --seeds 3',
    'compare data/penguins.csv --target species --time-limit 20s --json',
  ],
  notes: [
    'All combinations share splits, initial weights, the order of batches, the number of steps and the stopping rule.\n' +
      'Each learning rate is searched on validation rows only; the ranking is by one metric, never by a loss; the test\n' +
      'rows are used once, for the winner. An option such as --optimizer.weight-decay goes to all that have it.',
  ],
} as const;

export const compareCommand = defineCommand<typeof settings>({ ...definition, run });

async function run(context: Context, request: Request<typeof settings>): Promise<void> {
  const { terminal, registry } = context;
  const { values } = request;
  const [path] = request.arguments as [string];
  const target = await requireTarget(context, 'compare', path, values.target, values.delimiter);
  const { table } = await readTable(context, { path, ...values, target });
  const names = lossNames(context, values.losses, table.task);
  const losses = names.map((name) => registry.loss(name));
  const optimizerNames = values.optimizers ?? namesOf(context, 'optimizer');
  const optimizers = optimizerNames.map((name) => registry.optimizer(name));
  const lossOptions = sharedOptions(losses, names, 'loss', request.options);
  const optimizerOptions = sharedOptions(optimizers, optimizerNames, 'optimizer', request.options);
  if (values.metric !== undefined) metricNamed(values.metric, table.task);
  if (request.printConfig) {
    terminal.object(configOf(definition, request, { losses: names, optimizers: optimizerNames, task: table.task }));
    return;
  }
  if (values.report !== undefined) await requireReportPlace(context.cwd, values.report, values.force === true);
  const place = values.out === undefined ? undefined : placeOf(context.cwd, values.out);
  if (place !== undefined) await requireWritable(place, { force: values.force === true, resume: true });

  await withBackend(context, values.backend, request.options, () =>
    stoppable(context, async (signal) => {
      terminal.note(`${table.task} of '${target}': ${plural(table.rows, 'row')}; ${plural(losses.length, 'loss', 'losses')} × ${plural(optimizers.length, 'optimizer')}`); // prettier-ignore
      const { hidden, activation, dropout, seeds, folds, steps, batchSize, test, validation, seed, timeLimit, lr, metric } = values; // prettier-ignore
      const bar = await progress(terminal, 100, '%');
      let comparison: Comparison;
      try {
        comparison = await compare({
          ...{ table, losses, optimizers, lossOptions, optimizerOptions, lr, metric, seeds, folds, batchSize, test, validation, seed, timeLimit, signal }, // prettier-ignore
          maxSteps: steps,
          model: (inputs, outputs) => mlp(inputs, outputs, { hidden, activation, dropout }),
          onProgress: ({ phase, done, total, loss, optimizer }) =>
            bar.update(Math.floor((100 * done) / Math.max(1, total)), `${phaseText[phase]}: ${loss}, ${optimizer}`),
        });
      } catch (error) {
        if (signal.aborted) throw new Interrupted('stopped; nothing was written');
        throw error;
      } finally {
        bar.stop();
      }
      if (signal.aborted) throw new Interrupted('stopped; nothing was written');
      const command = rerun(definition, request, ['force']);
      if (values.report !== undefined) {
        const { comparisonReport } = await import('../report/compareReport.js');
        await writeAtomically(resolve(context.cwd, values.report), await comparisonReport({ context, table, data: path, comparison, command, settings: { ...values, seeds: seeds?.join(', ') } })); // prettier-ignore
      }
      if (place !== undefined) {
        const { winner, test: tested } = comparison;
        await removeIfEmpty(place.folder);
        await savePipeline(place.folder, {
          preprocessing: winner.preprocessing,
          model: winner.model,
          loss: winner.configuredLoss,
          metrics: { [comparison.metric]: tested.score },
          info: { command, packages: context.packages, node: process.version },
          force: values.force === true,
        });
      }
      const kept = { ...(values.report === undefined ? {} : { report: values.report }), ...(place === undefined ? {} : { model: place.shown }) }; // prettier-ignore
      if (terminal.json) terminal.object({ ...jsonOfComparison(table, comparison), ...kept });
      else describeComparison(terminal, comparison, kept);
    }),
  );
}

const phaseText = { search: 'searching learning rates', final: 'final runs', test: 'testing the winner' } as const;

function namesOf({ registry }: Context, kind: 'loss' | 'optimizer'): string[] {
  return registry.entries().flatMap(({ name, provision }) => (provision.kind === kind ? [name] : []));
}

/** A loss that was asked for must fit; without --losses, those that do not are left out. */
function lossNames({ registry }: Context, asked: readonly string[] | undefined, task: DataTask): string[] {
  if (asked !== undefined) return [...new Set(asked)].map((name) => chooseLoss(registry, name, task, []).name);
  const fitting = fittingLosses(registry, task);
  if (fitting.length === 0) throw new KindlingError(`no registered loss fits the task '${task}'; install one`);
  return fitting;
}

async function requireReportPlace(cwd: string, report: string, force: boolean): Promise<void> {
  const path = resolve(cwd, report);
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileProblem(`cannot write the report ${report}`, error);
  });
  if (found?.isDirectory() === true) throw new KindlingError(`the report ${report} is a folder; --report must name a file`); // prettier-ignore
  if (found !== undefined && !force)
    throw new KindlingError(`the report ${report} exists; choose another name, or overwrite it with --force`);
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileProblem(`cannot write the report ${report}`, error);
  }
}
