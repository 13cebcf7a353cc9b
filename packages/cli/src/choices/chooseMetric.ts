import { KindlingError, type OpenRegistry } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import { type AnyMetric, measures, rankingMetric } from '@kindling/train';
import type { GivenOption } from '../commands/command.js';
import { optionsFor } from './optionsFor.js';
import { sharedOptions } from './sharedOptions.js';

/** The metrics that are reported for a task where none are named, the one that matters most first. */
const usual: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['accuracy', 'f1', 'precision', 'recall', 'logLoss'],
  binary: ['accuracy', 'f1', 'precision', 'recall', 'rocAuc', 'logLoss'],
  regression: ['r2', 'rmse', 'mae'],
};

/** What counts for a task where nothing is named. */
export const usualMetric = (task: DataTask): string => usual[task][0];

/** A metric by name, with the options that the user gave. */
export interface ChosenMetric {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The metric that ranks, or an error where it does not exist or does not rank. */
export function chooseMetric(
  registry: OpenRegistry,
  name: string | undefined,
  task: DataTask,
  given: readonly GivenOption[],
): AnyMetric<number> | undefined {
  if (name === undefined) {
    const own = given.find((g) => g.kind === 'metric');
    if (own !== undefined) throw new KindlingError(`${own.shown} needs --metric <name>, the metric it is for`);
    return undefined;
  }
  const metric = rankingMetric(registry.metric(name), task);
  return withOptions(metric, optionsFor(metric, name, 'metric', given));
}

/** What is reported: what was named (or the usual), `first` before all others. An option goes to all that have it. */
export function chooseMetrics(
  registry: OpenRegistry,
  task: DataTask,
  { metrics: named, metric: first }: { metrics?: readonly string[] | undefined; metric?: string | undefined },
  given: readonly GivenOption[],
): ChosenMetric[] {
  const names = [...new Set([...(first === undefined ? [] : [first]), ...(named ?? usual[task])])];
  const metrics = names.map((name) => {
    const metric = registry.metric(name);
    if (!measures(metric, task))
      throw new KindlingError(
        `Metric '${name}' does not measure ${task}; use one of ${fitting(registry, task).join(', ')}.`,
      );
    return metric;
  });
  const options = sharedOptions(metrics, names, 'metric', given);
  return names.map((name) => ({ name, options: options[name] }));
}

/** The factory of a chosen metric, whose defaults are the options that the user gave. */
export function metricOf(registry: OpenRegistry, { name, options }: ChosenMetric): AnyMetric {
  return withOptions(registry.metric(name), options);
}

function withOptions<R>(metric: AnyMetric<R>, options: Readonly<Record<string, unknown>>): AnyMetric<R> {
  if (Object.keys(options).length === 0) return metric;
  const factory = (more: Readonly<Record<string, unknown>> = {}) => metric({ ...options, ...more });
  return Object.assign(factory, metric, { output: factory().output });
}

function fitting(registry: OpenRegistry, task: DataTask): string[] {
  return registry.entries().flatMap(({ name, provision }) => (provision.kind === 'metric' && measures(provision as AnyMetric, task) ? [name] : [])); // prettier-ignore
}
