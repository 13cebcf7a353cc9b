import { KindlingError } from './errors.js';
import type { Output, Task } from './loss.js';
import {
  type Fields,
  type Given,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from './options.js';
import { showShape, sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

/** A measure of predictions, fed batch by batch. In code, anything of this form is a metric. */
export interface Metric<R = number> {
  /**
   * Takes a batch of model outputs and targets, and a weight for each row if there are any. The promise may be ignored:
   * `compute` waits for every batch. The tensors are read, never kept.
   */
  update(output: Tensor, target: Tensor, weight?: Tensor): Promise<void>;
  /** The value over all batches since the start or the last reset. */
  compute(): Promise<R>;
  /** Forgets all batches. */
  reset(): void;
}

/** Numbers on the host, row-major, with their shape. */
export interface Values {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** A column of numbers, rows of numbers, or numbers with a shape. */
export type Numbers = Values | ArrayLike<number> | readonly ArrayLike<number>[];

/** A metric made by a factory: it knows what it was made of, and measures numbers on the host, too. */
export interface ConfiguredMetric<R = number> extends Metric<R> {
  readonly metricName: string;
  /** What it takes: `evaluate` turns the outputs of a model into this. */
  readonly output: Output;
  /** Undefined where its values have no order, as matrices and curves have none. */
  readonly higherIsBetter: boolean | undefined;
  /** The least and the greatest value that it can have; undefined where it is no number. */
  readonly range: readonly [least: number, greatest: number] | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** The value of these rows alone, at once; what `update` has taken does not count and does not change. */
  measure(output: Numbers, target: Numbers, weight?: ArrayLike<number>): R;
}

export interface MetricFactory<N extends string = string, F extends Fields = Fields, R = unknown> {
  (options?: Given<F>): ConfiguredMetric<R>;
  readonly kind: 'metric';
  readonly metricName: N;
  readonly task: Task | readonly Task[];
  /** What it takes with its default options. */
  readonly output: Output;
  readonly higherIsBetter: boolean | undefined;
  readonly range: readonly [least: number, greatest: number] | undefined;
  readonly schema: OptionsSchema<F>;
}

/** What a metric is shown at once. Rows are along the first dimension. */
export interface MetricBatch {
  readonly output: Values;
  readonly target: Values;
  readonly weight: ArrayLike<number> | undefined;
}

export interface MetricDefinition<N extends string, F extends Fields, S, R> {
  readonly name: N;
  readonly task: Task | readonly Task[];
  /** What `update` takes as outputs. Default: values for a regression, else logits, of which log-probabilities are some. */
  readonly output?: Output | ((options: Resolved<F>) => Output);
  readonly options: F;
  /** Whether more is better; left out where values cannot be ranked. */
  readonly higherIsBetter?: boolean;
  readonly range?: readonly [least: number, greatest: number];
  /** False if rows cannot have weights. */
  readonly weighted?: boolean;
  /** What is known before the first batch. */
  readonly start: (options: Resolved<F>) => S;
  /** Adds a batch to what is known. Batches come in the order of their updates. */
  readonly update: (options: Resolved<F>, state: S, batch: MetricBatch) => void;
  /** The value; it must leave the state as it is, since more batches may follow. NaN where it is undefined. */
  readonly compute: (options: Resolved<F>, state: S) => R;
}

/**
 * A metric from an accumulator in float64 on the host: reading, the order of batches, options and names come from here.
 * @throws KindlingError from `update`, and again from `compute`, where a batch does not fit.
 */
export function defineMetric<const N extends string, F extends Fields, S, R>(
  definition: MetricDefinition<N, F, S, R>,
): MetricFactory<N, F, R> {
  const { name, task, higherIsBetter, range, weighted = true } = definition;
  const schema = optionsSchema(definition.options);
  const usual: Output = task === 'regression' ? 'value' : 'logits';
  const outputOf = (options: Resolved<F>): Output =>
    typeof definition.output === 'function' ? definition.output(options) : (definition.output ?? usual);

  const factory = (given: Given<F> = {}): ConfiguredMetric<R> => {
    const options = resolveOptions(name, schema, given);
    const fold = (state: S, output: Values, target: Values, weight: Values | undefined): void => {
      if (weight !== undefined && !weighted)
        throw new KindlingError(`${name}: rows cannot have weights; leave the weight out`);
      definition.update(options, state, { output, target, weight: weight?.data });
    };
    let state = definition.start(options);
    let settled: Promise<void> = Promise.resolve();
    return {
      metricName: name,
      output: outputOf(options),
      higherIsBetter,
      range,
      options: { ...given },
      update(output, target, weight) {
        const into = state;
        const read = Promise.all([valuesOf(output), valuesOf(target), weight && valuesOf(weight)]);
        const before = settled;
        const done = (async () => {
          const [[o, t, w]] = await Promise.all([read, before]);
          fold(into, o, t, w);
        })();
        settled = done;
        done.catch(() => {}); // reported by compute, and by the promise if it is awaited
        return done;
      },
      async compute() {
        await settled;
        return definition.compute(options, state);
      },
      reset() {
        state = definition.start(options);
        settled = Promise.resolve();
      },
      measure(output, target, weight) {
        const alone = definition.start(options);
        const w = weight === undefined ? undefined : hostValues(name, weight);
        fold(alone, hostValues(name, output), hostValues(name, target), w);
        return definition.compute(options, alone);
      },
    };
  };
  return Object.assign(factory, {
    kind: 'metric' as const,
    metricName: name,
    task,
    output: outputOf(resolveOptions(name, schema, {})),
    higherIsBetter,
    range,
    schema,
  });
}

async function valuesOf(tensor: Tensor): Promise<Values> {
  return { data: await tensor.data(), shape: tensor.shape };
}

function hostValues(operation: string, numbers: Numbers): Values {
  if ('data' in numbers) {
    if (sizeOf(numbers.shape) === numbers.data.length) return numbers;
    throw new KindlingError(
      `${operation}: ${numbers.data.length} numbers do not fill the shape ${showShape(numbers.shape)}`,
    );
  }
  const first = (numbers as ArrayLike<unknown>)[0];
  if (typeof first !== 'object') return { data: numbers as ArrayLike<number>, shape: [numbers.length] };
  const rows = numbers as readonly ArrayLike<number>[];
  const width = rows[0].length;
  const data = new Float64Array(rows.length * width);
  rows.forEach((row, i) => {
    if (row.length !== width)
      throw new KindlingError(`${operation}: row ${i} has ${row.length} numbers, and the first row ${width}`);
    data.set(row, i * width);
  });
  return { data, shape: [rows.length, width] };
}
