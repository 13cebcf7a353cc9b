import { KindlingError, type MetricFactory, suggestion, type Task } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import standard from '@kindling/metrics';

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- a factory's options are invariant, and any will do here */
export type AnyMetric<R = unknown> = MetricFactory<string, any, R>;

/** Whether a metric can measure predictions of a task. Two classes are classes, too. */
export function measures({ task }: AnyMetric, of: DataTask): boolean {
  const tasks: readonly Task[] = typeof task === 'string' ? [task] : task;
  return tasks.includes(of) || (of === 'binary' && tasks.includes('classification'));
}

/**
 * The metric, by name if it is one of `@kindling/metrics`.
 * @throws KindlingError if there is none, if it does not fit the task, or if its values cannot be ranked.
 */
export function rankingMetric(asked: string | AnyMetric, task: DataTask): AnyMetric<number> {
  const fitting = standard.provides.filter((m: AnyMetric) => m.higherIsBetter !== undefined && measures(m, task));
  const names = fitting.map((m) => m.metricName);
  const found: AnyMetric | undefined = typeof asked === 'string' ? standard.provides.find((m) => m.metricName === asked) : asked; // prettier-ignore
  if (found === undefined)
    throw new KindlingError(`There is no metric '${String(asked)}'${suggestion(String(asked), names)}`);
  if (!measures(found, task))
    throw new KindlingError(`Metric '${found.metricName}' does not measure ${task}; use one of ${names.join(', ')}.`);
  if (found.higherIsBetter === undefined)
    throw new KindlingError(
      `Metric '${found.metricName}' is not one number of which more, or less, is better; use one of ${names.join(', ')}.`,
    );
  return found as AnyMetric<number>;
}
