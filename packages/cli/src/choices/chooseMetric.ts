import { KindlingError, type OpenRegistry } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import { type AnyMetric, measures, rankingMetric } from '@kindling/train';

/** The metrics that are reported for a task where none are named, the one that matters most first. */
const usual: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['accuracy', 'f1', 'precision', 'recall', 'logLoss'],
  binary: ['accuracy', 'f1', 'precision', 'recall', 'rocAuc', 'logLoss'],
  regression: ['r2', 'rmse', 'mae'],
};

/** What counts for a task where nothing is named. */
export const usualMetric = (task: DataTask): string => usual[task][0];

/** A metric that can say which of two models is better. */
export function chooseMetric(registry: OpenRegistry, name: string, task: DataTask): AnyMetric<number> {
  return rankingMetric(registry.metric(name), task);
}

/** What is reported: what was named (or the usual), `first` before all others. */
export function chooseMetrics(
  registry: OpenRegistry,
  task: DataTask,
  named: readonly string[] | undefined,
  first?: string,
): AnyMetric[] {
  const names = new Set([...(first === undefined ? [] : [first]), ...(named ?? usual[task])]);
  return [...names].map((name) => {
    const metric = registry.metric(name);
    if (!measures(metric, task))
      throw new KindlingError(
        `Metric '${name}' does not measure ${task}; use one of ${fitting(registry, task).join(', ')}.`,
      );
    return metric;
  });
}

function fitting(registry: OpenRegistry, task: DataTask): string[] {
  return registry.entries().flatMap(({ name, provision }) => (provision.kind === 'metric' && measures(provision as AnyMetric, task) ? [name] : [])); // prettier-ignore
}
