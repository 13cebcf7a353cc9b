import type { Metric, Model, Output, Tensor } from '@kindling/core';
import type { DataTask, Dataset } from '@kindling/data';
import { type AnyMetric, evaluate } from '@kindling/train';

/** What a model said of rows whose answer is known: class indices, or numbers in the target's own units. */
export interface Outcomes {
  readonly predicted: number[];
  readonly actual: number[];
}

export interface Scores {
  readonly metrics: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, unknown>>;
  readonly outcomes: Outcomes;
}

/** Measures a model on rows. Values that are no numbers, such as curves, are in `others`. */
export async function score(
  model: Model,
  data: Dataset,
  output: Output,
  metrics: readonly AnyMetric[],
): Promise<Scores> {
  const outcomes: Outcomes = { predicted: [], actual: [] };
  const factories: Record<string, () => Metric<unknown>> = {
    ...Object.fromEntries(metrics.map((metric) => [metric.metricName, metric])),
    rows: () => collector(outcomes, data.task),
  };
  const { rows: _, ...values } = await evaluate(model, data, { output, metrics: factories });
  const all = Object.entries(values);
  return {
    metrics: Object.fromEntries(all.filter((entry): entry is [string, number] => typeof entry[1] === 'number')),
    others: Object.fromEntries(all.filter(([, value]) => typeof value !== 'number')),
    outcomes,
  };
}

/** A metric that keeps what it is shown. */
function collector(into: Outcomes, task: DataTask): Metric {
  let pending: Promise<void> = Promise.resolve();
  return {
    update(output: Tensor, target: Tensor) {
      const read = Promise.all([output.data(), target.data()]);
      const { shape } = output;
      pending = pending.then(async () => {
        const [values, targets] = await read;
        into.predicted.push(...decisions(values, shape, task));
        for (const value of targets) into.actual.push(value);
      });
      return pending;
    },
    compute: async () => {
      await pending;
      return into.actual.length;
    },
    reset() {
      into.predicted.length = 0;
      into.actual.length = 0;
    },
  };
}

function decisions(values: ArrayLike<number>, shape: readonly number[], task: DataTask): number[] {
  const rows = shape[0] ?? 0;
  const width = shape[1] ?? 1;
  if (task === 'regression') return Array.from({ length: rows }, (_, i) => values[i]);
  if (width === 1) return Array.from({ length: rows }, (_, i) => (values[i] > 0 ? 1 : 0));
  return Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let c = 1; c < width; c++) if (values[row * width + c] > values[row * width + best]) best = c;
    return best;
  });
}

/** The mean and the sample standard deviation of each metric over several measurements. */
export function summary(all: readonly Readonly<Record<string, number>>[]): {
  mean: Record<string, number>;
  std: Record<string, number>;
} {
  // prettier-ignore
  const names = Object.keys(all[0] ?? {});
  const mean: Record<string, number> = {};
  const std: Record<string, number> = {};
  for (const name of names) {
    const values = all.map((m) => m[name]);
    const m = values.reduce((a, b) => a + b, 0) / values.length;
    mean[name] = m;
    std[name] = values.length < 2 ? 0 : Math.sqrt(values.reduce((a, b) => a + (b - m) ** 2, 0) / (values.length - 1));
  }
  return { mean, std };
}
