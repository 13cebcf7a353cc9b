import { KindlingError, tensor, type Tensor, type TypedArray } from '@kindling/core';
import type { TargetScale } from './preprocessing.js';
import { permutation, random } from './random.js';
import type { DataTask } from './task.js';

/** Some rows of a data set. */
export interface Batch {
  /** float32 [b, width], or [b, …rowShape]. */
  readonly input: Tensor;
  /** Class indices or numbers, in the form that `BatchOptions.encode` says. */
  readonly target: Tensor;
}

/**
 * How a batch holds its targets:
 * - `'index'`: classes as int32 [b];
 * - `'oneHot'`: classes as float32 [b, classes];
 * - `'value'`: float32 [b, 1] (regression, or 0 and 1 for a binary task), so that it has the shape of the model's
 *   output and nothing broadcasts.
 *
 * Default: `'index'` for classes, `'value'` for regression.
 */
export type TargetForm = 'index' | 'oneHot' | 'value';

export interface BatchOptions {
  /** Rows in a batch; the last may have fewer. */
  size: number;
  /** Shuffles the rows. Without it they come in order. */
  seed?: number | undefined;
  /** Which of the seed's orders the first pass takes; each further pass over the result takes the next. Default 0. */
  epoch?: number | undefined;
  /** Leaves a last batch of fewer rows out. Default false. */
  dropLast?: boolean | undefined;
  encode?: TargetForm | undefined;
}

/** Rows ready for training: numbers only. */
export interface Dataset {
  readonly rows: number;
  /** Inputs of a row. */
  readonly width: number;
  /** The shape of one row's input; its product is `width`. */
  readonly rowShape: readonly number[];
  readonly task: DataTask;
  /** The class labels, in the order of the model's outputs; empty for regression. */
  readonly classes: readonly string[];
  /** rows × width, row-major. */
  readonly inputs: Float32Array<ArrayBuffer>;
  /** Class indices, or numbers, standardised by `targetScale`. */
  readonly targets: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  /** Undoes the standardisation of a regression target: value × std + mean. Mean 0 and std 1 otherwise. */
  readonly targetScale: TargetScale;
  /** Batches; iterating over the result again is the next epoch, in another order if seeded. */
  batches(options: BatchOptions): Iterable<Batch>;
  /** All rows in order, in chunks of `size` (default 4096), for evaluation. */
  all(options?: { size?: number | undefined; encode?: TargetForm | undefined }): Iterable<Batch>;
  /** The given rows, in the given order. */
  subset(rows: ArrayLike<number>): Dataset;
}

/** @internal */
export type DatasetFields = Omit<Dataset, 'width' | 'batches' | 'all' | 'subset'>;

/** @internal */
export function datasetOf(fields: DatasetFields): Dataset {
  return new ArrayDataset(fields);
}

/**
 * A data set of arrays. `shape` is that of the whole input, one entry may be −1: `[-1, 784]`. An Int32Array target, or
 * any target with `classes`, holds class indices; a Float32Array target holds numbers. The labels of classes are
 * `'0'`, `'1'`, … unless given. A Float32Array is used without a copy.
 */
export function fromArrays(
  input: TypedArray,
  target: TypedArray,
  options: { shape: readonly number[]; classes?: readonly string[] | undefined },
): Dataset {
  const shape = wholeShape(input.length, options.shape);
  const [rows, ...rowShape] = shape as [number, ...number[]];
  if (target.length !== rows)
    throw new KindlingError(
      `fromArrays: ${rows} rows of input ([${shape.join(', ')}]) but ${target.length} targets; each row needs one.`,
    );
  const inputs = isFloat32(input) ? input : Float32Array.from(input);
  const targetScale = { mean: 0, std: 1 };
  const floating = target instanceof Float32Array || target instanceof Float64Array;
  if (floating && options.classes === undefined) {
    const targets = isFloat32(target) ? target : Float32Array.from(target);
    return datasetOf({ inputs, targets, rows, rowShape, task: 'regression', classes: [], targetScale });
  }
  const targets = Int32Array.from(target);
  let largest = -1;
  target.forEach((value, row) => {
    if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
      throw new KindlingError(`fromArrays: a class index must be an integer from 0, but row ${row} has ${value}.`);
    largest = Math.max(largest, value);
  });
  if (options.classes === undefined && largest >= rows && largest >= 1000)
    throw new KindlingError(
      `fromArrays: class index ${largest} in only ${rows} rows. Give the labels as 'classes', or the target as a Float32Array if it is a number.`,
    );
  const classes = options.classes ?? Array.from({ length: Math.max(2, largest + 1) }, (_, i) => String(i));
  if (largest >= classes.length)
    throw new KindlingError(`fromArrays: class index ${largest}, but there are only ${classes.length} classes.`);
  const task = classes.length === 2 ? 'binary' : 'classification';
  return datasetOf({ inputs, targets, rows, rowShape, task, classes: [...classes], targetScale });
}

/** Weights that give each class the same total, `rows / (classes × count)`; 0 for a class without rows. */
export function balancedClassWeights(data: Dataset): Float32Array<ArrayBuffer> {
  const counts = new Float32Array(data.classes.length);
  for (const index of data.targets) counts[index]++;
  return counts.map((count) => (count === 0 ? 0 : data.rows / (data.classes.length * count)));
}

class ArrayDataset implements Dataset {
  readonly rows: number;
  readonly width: number;
  readonly rowShape: readonly number[];
  readonly task: DataTask;
  readonly classes: readonly string[];
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly targets: Int32Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly targetScale: TargetScale;

  constructor(fields: DatasetFields) {
    this.rows = fields.rows;
    this.rowShape = fields.rowShape;
    this.width = fields.rowShape.reduce((product, size) => product * size, 1);
    this.task = fields.task;
    this.classes = fields.classes;
    this.inputs = fields.inputs;
    this.targets = fields.targets;
    this.targetScale = fields.targetScale;
  }

  batches(options: BatchOptions): Iterable<Batch> {
    const { size, seed, dropLast = false } = options;
    if (!Number.isInteger(size) || size < 1)
      throw new KindlingError(`batches: size must be a positive integer, got ${size}.`);
    const encode = this.form(options.encode);
    let epoch = options.epoch ?? 0;
    if (!Number.isInteger(epoch) || epoch < 0)
      throw new KindlingError(`batches: epoch must be an integer from 0, got ${epoch}.`);
    const iterate = (): Iterator<Batch> => this.iterate(size, seed, epoch++, dropLast, encode);
    if (seed !== undefined) random(seed); // a bad seed is reported here, not at the first batch
    return { [Symbol.iterator]: iterate };
  }

  all(options: { size?: number | undefined; encode?: TargetForm | undefined } = {}): Iterable<Batch> {
    return this.batches({ size: options.size ?? 4096, encode: options.encode });
  }

  subset(rows: ArrayLike<number>): Dataset {
    const { width } = this;
    const inputs = new Float32Array(rows.length * width);
    const targets = this.targets instanceof Int32Array ? new Int32Array(rows.length) : new Float32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!Number.isInteger(row) || row < 0 || row >= this.rows)
        throw new KindlingError(`subset: row ${row} of a data set with ${this.rows} rows (0 to ${this.rows - 1}).`);
      inputs.set(this.inputs.subarray(row * width, (row + 1) * width), i * width);
      targets[i] = this.targets[row]!;
    }
    return new ArrayDataset({ ...this, rows: rows.length, inputs, targets });
  }

  private *iterate(
    size: number,
    seed: number | undefined,
    epoch: number,
    dropLast: boolean,
    encode: TargetForm,
  ): Generator<Batch, void, void> {
    const { rows, width, rowShape } = this;
    const order = seed === undefined ? undefined : permutation(rows, random(seed, 1000 + epoch));
    for (let start = 0; start < rows; start += size) {
      const end = Math.min(start + size, rows);
      if (dropLast && end - start < size) return;
      // every batch owns its memory: nothing done to a tensor can reach the data set
      const input = new Float32Array((end - start) * width);
      if (order === undefined) input.set(this.inputs.subarray(start * width, end * width));
      else
        for (let i = start; i < end; i++) {
          const row = order[i];
          // a loop: for the narrow rows of tables it beats a subarray object a row
          for (let j = 0, from = row * width, to = (i - start) * width; j < width; j++)
            input[to++] = this.inputs[from++]!;
        }
      const target = this.target(start, end, order, encode);
      yield { input: tensor(input, { shape: [end - start, ...rowShape], copy: false }), target };
    }
  }

  private target(start: number, end: number, order: Int32Array | undefined, encode: TargetForm): Tensor {
    const n = end - start;
    const at = (i: number): number => this.targets[order === undefined ? start + i : order[start + i]];
    if (encode === 'index')
      return tensor(
        Int32Array.from({ length: n }, (_, i) => at(i)),
        { shape: [n] },
      );
    if (encode === 'value')
      return tensor(
        Float32Array.from({ length: n }, (_, i) => at(i)),
        { shape: [n, 1] },
      );
    const classes = this.classes.length;
    const values = new Float32Array(n * classes);
    for (let i = 0; i < n; i++) values[i * classes + at(i)] = 1;
    return tensor(values, { shape: [n, classes], copy: false });
  }

  private form(given: TargetForm | undefined): TargetForm {
    const regression = this.task === 'regression';
    const form = given ?? (regression ? 'value' : 'index');
    const fits = regression
      ? form === 'value'
      : form === 'index' || form === 'oneHot' || (form === 'value' && this.classes.length === 2);
    if (!fits)
      throw new KindlingError(
        regression
          ? `batches: encode must be 'value' for a regression target, got '${form}'.`
          : `batches: encode must be 'index' or 'oneHot'${this.classes.length === 2 ? " or 'value'" : ` for ${this.classes.length} classes`}, got '${form}'.`,
      );
    return form;
  }
}

function wholeShape(length: number, shape: readonly number[]): number[] {
  const known = shape.filter((size) => size !== -1);
  const product = known.reduce((a, b) => a * b, 1);
  const valid = shape.length >= 1 && known.every((size) => Number.isInteger(size) && size >= 0);
  const open = shape.length - known.length;
  const size = length / product;
  if (!valid || open > 1 || (open === 0 ? product !== length : product === 0 || !Number.isInteger(size)))
    throw new KindlingError(
      `fromArrays: ${length} input values do not fit the shape [${shape.join(', ')}]; its product must be ${length}, and one entry may be -1.`,
    );
  return shape.map((entry) => (entry === -1 ? size : entry));
}

function isFloat32(array: TypedArray): array is Float32Array<ArrayBuffer> {
  return array instanceof Float32Array;
}
