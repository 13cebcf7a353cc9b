import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { KindlingError, makeSchedule } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import { mlp } from '@kindling/nn';
import { compare, type Comparison, savePipeline } from '@kindling/train';
import { chooseLoss, comparedLosses, fittingLosses } from '../choices/chooseLoss.js';
import { chooseMetric } from '../choices/chooseMetric.js';
import { biasProblem, comparedOptimizers, requireBiases, steadierFlags } from '../choices/chooseOptimizer.js';
import { chooseSchedule, withWarmup } from '../choices/chooseSchedule.js';
import { readTable } from '../choices/readTable.js';
import { requireTarget } from '../choices/requireTarget.js';
import { sharedOptions } from '../choices/sharedOptions.js';
import { withBackend } from '../choices/withBackend.js';
import { plural } from '../console/numbers.js';
import { taskText } from '../console/taskText.js';
import { progress } from '../console/progress.js';
import type { Context } from '../context.js';
import { Interrupted } from '../exit.js';
import { fileProblem } from '../files/fileProblem.js';
import { placeOf, removeIfEmpty, requireWritable } from '../files/modelFolder.js';
import { writeAtomically } from '../files/writeAtomically.js';
import { configOf, rerun } from '../settings/rerun.js';
import { describeComparison, jsonOfComparison } from '../training/comparison.js';
import { stoppable } from '../training/stoppable.js';
import type { CompareRequest } from '../commands/compare.js';

/** Compares, and says, writes and keeps what came out. */
export async function runCompare(context: Context, request: CompareRequest): Promise<void> {
  const { terminal, registry } = context;
  const { values } = request;
  const [path] = request.arguments as [string];
  const target = await requireTarget(context, 'compare', path, values.target, values.delimiter);
  const { table } = await readTable(context, { path, ...values, target });
  const names = lossNames(context, values.losses, table.task);
  const losses = names.map((name) => registry.loss(name));
  const optimizerNames = optimizersOf(context, values.optimizers);
  const optimizers = optimizerNames.map((name) => registry.optimizer(name));
  const lossOptions = sharedOptions(losses, names, 'loss', request.options);
  const optimizerOptions = sharedOptions(optimizers, optimizerNames, 'optimizer', request.options);
  optimizers.forEach((factory, i) =>
    requireBiases(factory, optimizerNames[i], optimizerOptions[optimizerNames[i]], '--optimizers'),
  );
  const schedule = withWarmup(
    registry,
    chooseSchedule(
      registry,
      values.schedule,
      optimizers.map((factory, i) => ({ factory, options: optimizerOptions[optimizerNames[i]] })),
      request.options,
    ),
    values.warmup,
  );
  const metric = chooseMetric(registry, values.metric, table.task, request.options);
  if (request.printConfig) {
    terminal.object(configOf(request, { losses: names, optimizers: optimizerNames, task: table.task }));
    return;
  }
  if (values.report !== undefined) await requireReportPlace(context.cwd, values.report, values.force === true);
  const place = values.out === undefined ? undefined : placeOf(context.cwd, values.out);
  if (place !== undefined) await requireWritable(place, { force: values.force === true, resume: true });

  await withBackend(context, values.backend, request.options, () =>
    stoppable(context, async (signal) => {
      terminal.note(`${taskText(table.task)} of '${target}': ${plural(table.rows, 'row')}; ${plural(losses.length, 'loss', 'losses')} × ${plural(optimizers.length, 'optimizer')}`); // prettier-ignore
      const { hidden, activation, dropout, seeds, folds, steps, batchSize, test, validation, seed, timeLimit, lr } = values; // prettier-ignore
      const bar = await progress(terminal, 100, '%');
      let comparison: Comparison;
      try {
        comparison = await compare({
          ...{ table, losses, optimizers, lossOptions, optimizerOptions, lr, metric, seeds, folds, batchSize, test, validation, seed, timeLimit, signal }, // prettier-ignore
          maxSteps: steps,
          schedule: schedule && ((optimizer) => makeSchedule(registry, optimizer, schedule)),
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
      const command = rerun(request, ['force']);
      const found = {
        context,
        table,
        data: path,
        comparison,
        command,
        settings: { ...values, seeds: seeds?.join(', ') },
      };
      context.onComparison?.(found);
      if (values.report !== undefined) {
        const { comparisonReport } = await import('../report/compareReport.js');
        await writeAtomically(resolve(context.cwd, values.report), await comparisonReport(found));
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
      else describeComparison(terminal, comparison, kept, context.onComparison === undefined, (name) => steadierFlags(registry.optimizer(name), optimizerOptions[name])); // prettier-ignore
    }),
  );
}

const phaseText = { search: 'searching learning rates', final: 'final runs', test: 'testing the winner' } as const;

/** 'all' is all that can train the biases of a network. */
function optimizersOf({ registry }: Context, asked: readonly string[] | undefined): readonly string[] {
  if (asked === undefined) return comparedOptimizers(registry);
  if (asked.length !== 1 || asked[0] !== 'all') return asked;
  return registry
    .entries()
    .flatMap(({ name, provision }) =>
      provision.kind === 'optimizer' && biasProblem(registry.optimizer(name), {}) === undefined ? [name] : [],
    );
}

/** A loss that was asked for must fit; 'all' is all that do. */
function lossNames({ registry }: Context, asked: readonly string[] | undefined, task: DataTask): string[] {
  const all = asked?.length === 1 && asked[0] === 'all';
  if (asked !== undefined && !all) return [...new Set(asked)].map((name) => chooseLoss(registry, name, task, []).name);
  const fitting = all ? fittingLosses(registry, task) : comparedLosses(registry, task);
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
