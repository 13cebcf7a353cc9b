import { KindlingError, suggestion } from '@kindling/core';
import type { Column } from './column.js';
import { datasetOf, type Dataset } from './dataset.js';
import {
  encodeNumber,
  featureWidth,
  fitFeature,
  inputNames,
  moments,
  numberOf,
  wordFinder,
  wordInput,
  wordOf,
  type Feature,
} from './feature.js';
import type { DataTask, Target } from './task.js';

/** A row of plain values by column name, as `predict` takes it. A column left out counts as missing. */
export type Row = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** How a regression target was scaled: `standardised = (value − mean) / std`. Mean 0 and std 1 where it was not. */
export interface TargetScale {
  readonly mean: number;
  readonly std: number;
}

/** What is predicted and how training sees it. */
export interface TargetEncoding {
  readonly name: string;
  /** Empty for regression. */
  readonly classes: readonly string[];
  readonly scale: TargetScale;
  /** Standardised values → original units. */
  restore(values: ArrayLike<number>): Float64Array;
}

/** The inputs that one column became: `width` of them, from `offset` on. */
export interface FeatureSpan {
  readonly name: string;
  readonly kind: Feature['kind'];
  readonly offset: number;
  readonly width: number;
}

/** The plain data that a preprocessing is, as kept in a model folder. */
export interface PreprocessingJSON {
  readonly version: 1;
  readonly task: DataTask;
  readonly target: {
    readonly name: string;
    readonly classes: readonly string[];
    readonly mean: number;
    readonly std: number;
  };
  readonly features: readonly Feature[];
  readonly ignored: readonly string[];
}

/** More input values than this (2 GiB of them) is taken for a mistake. */
const MOST_VALUES = 2 ** 29;

/**
 * How rows of a table become inputs of a model: fitted on training rows only, then the same for validation, test and
 * serving. Made by `table.split`, or by `preprocessingFromJSON`.
 */
export class Preprocessing {
  readonly task: DataTask;
  /** The class labels, in the order of the model's outputs; empty for regression. */
  readonly classes: readonly string[];
  readonly target: TargetEncoding;
  /** How many inputs a row has. */
  readonly width: number;
  /** One name an input: `age`, `sex=female`, `age is missing`. */
  readonly featureNames: readonly string[];
  /** The columns that are used, with the inputs each became. */
  readonly columns: readonly FeatureSpan[];
  private readonly features: readonly Feature[];
  /** Columns of the training table that are not used (dropped ones): allowed in rows, and ignored. */
  readonly ignored: readonly string[];

  constructor(json: PreprocessingJSON) {
    const { name, classes, mean, std } = json.target;
    this.task = json.task;
    this.classes = classes;
    this.features = json.features;
    this.ignored = json.ignored;
    this.target = {
      name,
      classes,
      scale: { mean, std },
      restore: (values) => Float64Array.from(values, (v) => v * std + mean),
    };
    let offset = 0;
    this.columns = json.features.map((feature) => {
      const span = { name: feature.name, kind: feature.kind, offset, width: featureWidth(feature) };
      offset += span.width;
      return span;
    });
    this.width = offset;
    this.featureNames = json.features.flatMap(inputNames);
  }

  /**
   * Rows of plain values → Float32Array [rows, width], row-major. Numbers may be written as strings. A missing value
   * (null, undefined, NaN, an absent key, or a string such as '' or 'NA') is imputed; an unknown category is all zeros.
   * @throws KindlingError for a column that the training table did not have (naming the nearest), for a row without
   * any known column, and for a value of the wrong kind, naming the row (from 1) and the column.
   */
  transform(rows: readonly Row[]): Float32Array<ArrayBuffer> {
    this.requireRoom(rows.length);
    const out = new Float32Array(rows.length * this.width);
    const allowed = new Set([...this.columns.map(({ name }) => name), this.target.name, ...this.ignored]);
    const writers = this.features.map((feature, i) => {
      const { offset } = this.columns[i];
      if (feature.kind === 'numeric')
        return (value: unknown, row: number): void =>
          encodeNumber(feature, numberOf(value, feature.name, row + 1), out, row * this.width + offset);
      const input = wordInput(feature);
      return (value: unknown, row: number): void => {
        const index = input(wordOf(value, feature.name, row + 1));
        if (index !== undefined) out[row * this.width + offset + index] = 1;
      };
    });
    rows.forEach((row, i) => {
      if (row === null || typeof row !== 'object')
        throw new KindlingError(
          `Row ${i + 1} must be an object of column values, got ${row === null ? 'null' : typeof row}.`,
        );
      for (const key of Object.keys(row)) if (!allowed.has(key)) throw this.unknown(key, i + 1);
      let known = 0;
      this.features.forEach((feature, j) => {
        const has = Object.hasOwn(row, feature.name);
        if (has) known++;
        writers[j](has ? row[feature.name] : null, i);
      });
      if (known === 0 && this.features.length > 0)
        throw new KindlingError(`Row ${i + 1} has none of the columns that the model was trained on${this.list()}.`);
    });
    return out;
  }

  /** Throws a KindlingError if a file's columns lack one of the model's or hold one that it does not know. */
  checkColumns(names: readonly string[]): void {
    const given = new Set(names);
    const known = new Set([...this.columns.map(({ name }) => name), this.target.name, ...this.ignored]);
    const strange = names.filter((name) => !known.has(name));
    const absent = this.columns.filter(({ name }) => !given.has(name)).map(({ name }) => name);
    if (absent.length > 0)
      throw new KindlingError(
        `The table lacks the column${absent.length > 1 ? 's' : ''} ${absent
          .slice(0, 5)
          .map((name) => `'${name}'`)
          .join(', ')}${absent.length > 5 ? ', …' : ''} that the model was trained on` +
          (strange.length === 0
            ? '.'
            : `; it has ${strange
                .slice(0, 5)
                .map((name) => `'${name}'`)
                .join(', ')}, which the model does not know.`),
      );
    if (strange.length > 0) throw this.unknown(strange[0]);
  }

  /**
   * Rows with their targets → a data set for `evaluate`. A class that training did not know, or a missing target, is
   * an error naming the row; `dropMissingTarget` leaves such rows without a target out instead.
   */
  dataset(rows: readonly Row[], options: { dropMissingTarget?: boolean } = {}): Dataset {
    const { name, scale } = this.target;
    const find = wordFinder(this.classes);
    const used: Row[] = [];
    const targets: number[] = [];
    rows.forEach((row, i) => {
      const value = row === null || typeof row !== 'object' || !Object.hasOwn(row, name) ? null : row[name];
      const number = this.task === 'regression' ? numberOf(value, name, i + 1) : NaN;
      const word = this.task === 'regression' ? null : wordOf(value, name, i + 1);
      if (word === null && Number.isNaN(number)) {
        if (options.dropMissingTarget === true) return;
        throw new KindlingError(
          `Row ${i + 1} has no value in the target '${name}'; leave such rows out with { dropMissingTarget: true }.`,
        );
      }
      const target = word === null ? (number - scale.mean) / scale.std : find(word);
      if (target === undefined)
        throw new KindlingError(
          `Row ${i + 1}: '${word}' is not a class of '${name}'${suggestion(word!, this.classes)}.`,
        );
      used.push(row);
      targets.push(target);
    });
    return this.datasetOf(
      this.transform(used),
      this.task === 'regression' ? Float32Array.from(targets) : Int32Array.from(targets),
    );
  }

  /** @internal Rows of a table's columns → a data set. */
  apply(columns: readonly Column[], target: Target, rows: ArrayLike<number>): Dataset {
    const { mean, std } = this.target.scale;
    const regression = this.task === 'regression';
    const targets = regression ? new Float32Array(rows.length) : new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const value = target.values[rows[i]];
      targets[i] = regression ? (value - mean) / std : value;
    }
    return this.datasetOf(this.encode(columns, rows), targets);
  }

  toJSON(): PreprocessingJSON {
    const { task, target, features, ignored } = this;
    return {
      version: 1,
      task,
      target: { name: target.name, classes: target.classes, ...target.scale },
      features,
      ignored,
    };
  }

  private encode(columns: readonly Column[], rows: ArrayLike<number>): Float32Array<ArrayBuffer> {
    this.requireRoom(rows.length);
    const { width } = this;
    const out = new Float32Array(rows.length * width);
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.features.forEach((feature, i) => {
      const column = byName.get(feature.name)!;
      let at = this.columns[i].offset;
      if (feature.kind === 'numeric' && column.kind === 'numeric') {
        for (let row = 0; row < rows.length; row++, at += width)
          encodeNumber(feature, column.values[rows[row]], out, at);
      } else if (feature.kind === 'categorical' && column.kind === 'categorical') {
        const input = wordInput(feature);
        const absent = input(null);
        const known = column.categories.map(input);
        for (let row = 0; row < rows.length; row++, at += width) {
          const code = column.codes[rows[row]];
          const index = code === -1 ? absent : known[code];
          if (index !== undefined) out[at + index] = 1;
        }
      }
    });
    return out;
  }

  private datasetOf(inputs: Float32Array<ArrayBuffer>, targets: Dataset['targets']): Dataset {
    return datasetOf({
      inputs,
      targets,
      rows: targets.length,
      rowShape: [this.width],
      task: this.task,
      classes: this.classes,
      targetScale: this.target.scale,
    });
  }

  private requireRoom(rows: number): void {
    if (rows * this.width <= MOST_VALUES) return;
    const widest = [...this.columns].sort((a, b) => b.width - a.width).slice(0, 3);
    throw new KindlingError(
      `${rows} rows × ${this.width} inputs would take ${((rows * this.width) / 2 ** 28).toFixed(1)} GiB. ` +
        `The widest columns are ${widest.map(({ name, width }) => `'${name}' (${width})`).join(', ')}; drop some, or use fewer rows.`,
    );
  }

  private unknown(name: string, row?: number): KindlingError {
    const hint = suggestion(
      name,
      this.columns.map((column) => column.name),
    );
    return new KindlingError(
      `${row === undefined ? 'The table' : `Row ${row}`} has a column '${name}' that the model was not trained on${hint}`,
    );
  }

  private list(): string {
    return `: ${this.columns
      .slice(0, 10)
      .map(({ name }) => name)
      .join(', ')}${this.columns.length > 10 ? ', …' : ''}`;
  }
}

/** Fits features and target scale on the training rows. */
export function fitPreprocessing(
  columns: readonly Column[],
  target: Target,
  ignored: readonly string[],
  rows: ArrayLike<number>,
  standardizeTarget: boolean,
): Preprocessing {
  const scaled = target.task === 'regression' && standardizeTarget;
  const { mean, std } = scaled ? moments(Float64Array.from(rows, (row) => target.values[row])) : { mean: 0, std: 1 };
  return new Preprocessing({
    version: 1,
    task: target.task,
    target: { name: target.name, classes: target.classes, mean, std: std > 0 ? std : 1 },
    features: columns.map((column) => fitFeature(column, rows)),
    ignored,
  });
}
