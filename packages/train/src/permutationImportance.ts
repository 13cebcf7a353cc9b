import { KindlingError, type Model, type Output } from '@kindling/core';
import type { Dataset, Preprocessing } from '@kindling/data';
import { Evaluator } from './common/evaluator.js';
import { outputOf } from './common/outputs.js';
import { shuffledOrder } from './common/shuffledOrder.js';
import { type AnyMetric, rankingMetric } from './rankingMetric.js';

export interface ImportanceOptions {
  readonly preprocessing: Preprocessing;
  /** A metric, or the name of one of `@kindling/metrics`. Default accuracy, or r2. */
  readonly metric?: string | AnyMetric | undefined;
  /** What the model computes. Default logits, or values. */
  readonly output?: Output | undefined;
  /** Default 5. */
  readonly repeats?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** How much worse a model gets where a column is shuffled. */
export interface Importance {
  /** The column. */
  readonly name: string;
  /** The mean loss of score over the repeats: positive for columns that help, whichever way the metric goes. */
  readonly importance: number;
  readonly std: number;
}

/**
 * The importance of each column of a table, the greatest first. All inputs that a column became are shuffled together.
 * `data` are rows that the preprocessing has prepared, such as the test part of a split.
 */
export async function permutationImportance(
  model: Model,
  data: Dataset,
  options: ImportanceOptions,
): Promise<Importance[]> {
  const { preprocessing, repeats = 5, seed = 0 } = options;
  if (data.rows === 0) throw new KindlingError('permutationImportance: the data set has no rows');
  if (!Number.isSafeInteger(repeats) || repeats < 1)
    throw new KindlingError(`permutationImportance: repeats must be a whole number of at least 1, got ${repeats}`);
  if (preprocessing.width !== data.width)
    throw new KindlingError(
      `permutationImportance: the preprocessing makes ${preprocessing.width} inputs and the data has ${data.width}; give the one that made the data`,
    );
  const metric = rankingMetric(options.metric ?? (data.task === 'regression' ? 'r2' : 'accuracy'), data.task);
  const evaluator = new Evaluator(model, data, {
    form: undefined,
    loss: undefined,
    output: options.output ?? outputOf(undefined, data.task),
    check: false,
  });
  const score = async (part: Dataset): Promise<number> => {
    const { metrics } = await evaluator.measure(part, { score: metric() });
    return metrics['score'];
  };
  const whole = await score(data);
  const sign = metric.higherIsBetter ? 1 : -1;
  // one copy, whose columns are shuffled and put back in turn
  const shuffled = data.subset(Int32Array.from({ length: data.rows }, (_, i) => i));
  const found: Importance[] = [];
  for (const { name, offset, width } of preprocessing.columns) {
    const losses: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const order = shuffledOrder(data.rows, seed, repeat);
      copyColumns(data, shuffled, offset, width, (row) => order[row]);
      losses.push(sign * (whole - (await score(shuffled))));
    }
    copyColumns(data, shuffled, offset, width, (row) => row);
    const mean = losses.reduce((a, b) => a + b, 0) / repeats;
    const std = Math.sqrt(losses.reduce((a, b) => a + (b - mean) ** 2, 0) / repeats);
    found.push({ name, importance: mean, std });
  }
  return found.sort((a, b) => b.importance - a.importance);
}

function copyColumns(from: Dataset, to: Dataset, offset: number, width: number, source: (row: number) => number): void {
  for (let row = 0; row < from.rows; row++) {
    const at = source(row) * from.width + offset;
    to.inputs.set(from.inputs.subarray(at, at + width), row * from.width + offset);
  }
}
