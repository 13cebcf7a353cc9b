import { KindlingError, suggestion } from '@kindling/core';
import { decimalCommaHint, parseNumber } from './cell.js';
import { cellOf, ColumnBuilder, distinct, filterColumn, type Column, type ColumnKind } from './column.js';
import type { Dataset } from './dataset.js';
import { MOST_CATEGORIES } from './feature.js';
import { fitPreprocessing, type Preprocessing } from './preprocessing.js';
import {
  divide,
  folds,
  quantileGroups,
  type Fold,
  type FoldOptions,
  type RowSets,
  type SplitOptions,
} from './split.js';
import { list, shorten, targetOf, type DataTask, type Target } from './task.js';

/** How columns are understood. */
export interface TableOptions {
  /** The column to predict. */
  target: string;
  /** Columns to leave out. */
  drop?: readonly string[] | undefined;
  /** What to predict. Inferred from the target where not given; see `inferTask` for the rule. */
  task?: DataTask | undefined;
  /** The kind of columns that should not be inferred. A declared column is never dropped as an identifier. */
  types?: Readonly<Record<string, ColumnKind>> | undefined;
  /**
   * Rows without a target. By default those whose cell is empty, `NA`, `null`, … are left out, with a warning that
   * counts them, while `NaN` and infinities are errors. True leaves all of these out; false makes all of them errors.
   */
  dropMissingTarget?: boolean | undefined;
  /** What messages call the table. Default `'The table'`. */
  name?: string | undefined;
}

/** The three parts of a table, ready for training. */
export interface Split {
  readonly train: Dataset;
  readonly validation: Dataset;
  readonly test: Dataset;
  /** Fitted on the training rows. */
  readonly preprocessing: Preprocessing;
  /** Which rows of the table each part holds. */
  readonly rows: RowSets;
}

/** Facts about one column, for people. */
export interface ColumnSummary {
  readonly name: string;
  readonly role: 'feature' | 'target' | 'dropped';
  readonly kind: ColumnKind | undefined;
  readonly missing: number;
  readonly distinct: number;
  /** Of a numeric column. */
  readonly min?: number;
  readonly mean?: number;
  readonly max?: number;
  /** The most frequent categories, at most five. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
  /** Why a column is not used. */
  readonly reason?: string;
}

/** Below this many rows nothing is taken for an identifier. */
const IDENTIFIER_ROWS = 20;
const IDENTIFIER_SHARE = 0.95;
const COUNTER_NAME = /^(column_\d+|unnamed.*|id|idx|index|no|nr|#|row|rownames?|row[ _]?(id|index|number|num|no|nr))$/i;

/** A table with a target: typed columns, and the ways to divide its rows for training. Made by `parseCsv` and `tableFromRows`. */
export class Table {
  readonly rows: number;
  /** The columns used as features, in order. */
  readonly columns: readonly Column[];
  readonly target: Target;
  readonly task: DataTask;
  /** The class labels; empty for regression. */
  readonly classes: readonly string[];
  /** What happened to the data that its owner should know. */
  readonly warnings: readonly string[];
  /** Columns not used, and why. */
  readonly dropped: readonly { readonly name: string; readonly reason: string }[];
  /** Where each row starts in the file. */
  readonly lines: Int32Array;
  private groups: Int32Array | undefined;

  /** @internal */
  constructor(fields: {
    columns: readonly Column[];
    target: Target;
    warnings: readonly string[];
    dropped: Table['dropped'];
    lines: Int32Array;
  }) {
    this.columns = fields.columns;
    this.target = fields.target;
    this.warnings = fields.warnings;
    this.dropped = fields.dropped;
    this.lines = fields.lines;
    this.rows = fields.target.values.length;
    this.task = fields.target.task;
    this.classes = fields.target.classes;
  }

  /** Divides the rows and prepares each part; preprocessing is fitted on the training rows. Seeded and stratified. */
  split(options: SplitOptions & { standardizeTarget?: boolean | undefined } = {}): Split {
    return this.splitRows(this.splitIndices(options), options);
  }

  /** Only the division that `split` makes. */
  splitIndices(options: SplitOptions = {}): RowSets {
    return divide(this.strata(), this.rowsOf(options.rows, 'split'), options);
  }

  /**
   * Prepares the given parts. A regression target is standardised by the training rows' mean and standard deviation
   * (`dataset.targetScale`, `preprocessing.target`), unless `standardizeTarget` is false, as a loss that needs counts or
   * positive targets wants it.
   */
  splitRows(
    rows: {
      train: ArrayLike<number>;
      validation?: ArrayLike<number> | undefined;
      test?: ArrayLike<number> | undefined;
    },
    options: { standardizeTarget?: boolean | undefined } = {},
  ): Split {
    const [train, validation, test] = [rows.train, rows.validation, rows.test].map((part) =>
      this.rowsOf(part ?? [], 'splitRows'),
    );
    if (train.length === 0) throw new KindlingError('splitRows: the training part has no rows.');
    const ignored = this.dropped.map(({ name }) => name);
    const preprocessing = fitPreprocessing(
      this.columns,
      this.target,
      ignored,
      train,
      options.standardizeTarget !== false,
    );
    const part = (chosen: Int32Array): Dataset => preprocessing.apply(this.columns, this.target, chosen);
    return {
      train: part(train),
      validation: part(validation),
      test: part(test),
      preprocessing,
      rows: { train: train, validation: validation, test: test },
    };
  }

  /** Repeated stratified k-fold cross-validation: row indices for `splitRows`. */
  folds(k: number, options: FoldOptions = {}): Fold[] {
    return folds(this.strata(), this.rowsOf(options.rows, 'folds'), k, options);
  }

  /** A row as plain values, target included; dropped columns are left out. */
  row(index: number): Record<string, string | number | null> {
    this.rowsOf([index], 'row');
    const { name, classes, values, task } = this.target;
    const target = task === 'regression' ? values[index] : classes[values[index]];
    const cells = this.columns.map((column) => [column.name, cellOf(column, index)] as const);
    return Object.fromEntries([...cells, [name, target] as const]);
  }

  /** Facts about every column of the file. */
  describe(): ColumnSummary[] {
    const { name, task, classes, values } = this.target;
    const target: Column =
      task === 'regression'
        ? { name, kind: 'numeric', values: Float64Array.from(values), missing: 0 }
        : { name, kind: 'categorical', codes: Int32Array.from(values), categories: classes, missing: 0 };
    return [
      ...this.columns.map((column) => summarize(column, 'feature')),
      summarize(target, 'target'),
      ...this.dropped.map(({ name, reason }): ColumnSummary => ({
        name,
        role: 'dropped',
        kind: undefined,
        missing: 0,
        distinct: 0,
        reason,
      })),
    ];
  }

  /** The group of each row that stratification keeps in proportion: its class, or its tenth of the target. */
  private strata(): Int32Array {
    const { task, values } = this.target;
    return (this.groups ??= task === 'regression' ? quantileGroups(values) : Int32Array.from(values));
  }

  private rowsOf(rows: ArrayLike<number> | undefined, operation: string): Int32Array {
    if (rows === undefined) return Int32Array.from({ length: this.rows }, (_, i) => i);
    return Int32Array.from(rows, (row) => {
      if (Number.isInteger(row) && row >= 0 && row < this.rows) return row;
      throw new KindlingError(`${operation}: row ${row} of a table with ${this.rows} rows (0 to ${this.rows - 1}).`);
    });
  }
}

/** Collects rows and makes a table of them. */
export class TableBuilder {
  private readonly builders: (ColumnBuilder | undefined)[];
  private readonly name: string;
  private lines = new Int32Array(64);
  private rows = 0;

  /** Checks the options against the header. */
  constructor(
    private readonly header: readonly string[],
    private readonly options: TableOptions,
  ) {
    this.name = options.name ?? 'The table';
    const { target, drop = [], types = {} } = options;
    if (typeof target !== 'string')
      throw new KindlingError(
        `${this.name}: 'target' must be the name of the column to predict, got ${typeof target}.`,
      );
    this.requireColumn(target, 'target');
    for (const column of drop) this.requireColumn(column, 'column to drop');
    for (const [column, kind] of Object.entries(types)) {
      this.requireColumn(column, "column in 'types'");
      if (kind !== 'numeric' && kind !== 'categorical')
        throw new KindlingError(
          `${this.name}: the type of '${column}' must be 'numeric' or 'categorical', got '${String(kind)}'.`,
        );
    }
    if (drop.includes(target))
      throw new KindlingError(`${this.name}: '${target}' is both the target and a column to drop.`);
    const dropped = new Set(drop);
    this.builders = header.map((column) =>
      dropped.has(column)
        ? undefined
        : new ColumnBuilder(column, Object.hasOwn(types, column) ? types[column] : undefined),
    );
  }

  push(cells: readonly (string | number)[], line: number): void {
    if (this.rows === this.lines.length) {
      const lines = new Int32Array(2 * this.rows);
      lines.set(this.lines);
      this.lines = lines;
    }
    this.lines[this.rows++] = line;
    const { builders } = this;
    for (let i = 0; i < builders.length; i++) {
      const cell = cells[i];
      if (typeof cell === 'number') builders[i]?.pushNumber(cell);
      else builders[i]?.push(cell);
    }
  }

  finish(): Table {
    const { name, options } = this;
    const lines = this.lines.slice(0, this.rows);
    if (this.rows === 0) throw new KindlingError(`${name} has a header but no rows.`);
    const warnings: string[] = [];
    const dropped = (options.drop ?? []).map((column) => ({ name: column, reason: 'asked for' }));
    const features: Column[] = [];
    let targetColumn: Column | undefined;
    let targetBuilder: ColumnBuilder | undefined;
    this.builders.forEach((builder, i) => {
      if (builder === undefined) return;
      this.builders[i] = undefined; // so that its memory can go
      const column = builder.finish();
      this.requireDeclared(builder, lines);
      if (builder.name === options.target) {
        [targetColumn, targetBuilder] = [column, builder];
        return;
      }
      const reason = this.useless(column);
      if (reason === undefined) {
        this.requireFinite(builder, lines);
        warnings.push(...oddWords(column, builder, lines));
        features.push(column);
      } else {
        dropped.push({ name: column.name, reason });
        warnings.push(`Column '${column.name}' is left out: ${reason}.`);
      }
    });
    const keep = this.rowsWithTarget(targetColumn!, targetBuilder!, lines, warnings);
    const kept =
      keep.length === this.rows ? (column: Column) => column : (column: Column) => filterColumn(column, keep);
    const keptLines = keep.length === this.rows ? lines : Int32Array.from(keep, (row) => lines[row]);
    const target = targetOf(kept(targetColumn!), options.task, targetBuilder!.odd, lines);
    if (features.length === 0)
      throw new KindlingError(
        `${name} has no column left to learn from besides the target '${options.target}'${dropped.length > 0 ? ` (left out: ${list(dropped.map((column) => column.name))})` : ''}.`,
      );
    return new Table({ columns: features.map(kept), target, warnings, dropped, lines: keptLines });
  }

  private requireColumn(column: string, what: string): void {
    if (this.header.includes(column)) return;
    const lacks = `${this.name} has no ${what === 'target' ? 'target ' : ''}column '${column}'${what === 'target' ? '' : ` (${what})`}`;
    const [only, ...others] = this.header;
    if (others.length === 0 && /[,;\t| ]/.test(only))
      throw new KindlingError(
        `${lacks}: its first line is one column, '${only}'; the cells of a table are separated by commas, semicolons, tabs or |`,
      );
    const numbers = this.header.every((cell) => parseNumber(cell) !== undefined);
    throw new KindlingError(
      `${lacks}${suggestion(column, this.header)}` +
        (numbers ? '. Its first line holds only numbers: it must hold the names of the columns.' : ''),
    );
  }

  private requireDeclared(builder: ColumnBuilder, lines: Int32Array): void {
    const { text } = builder.odd;
    const { types = {} } = this.options;
    if (text === undefined || !Object.hasOwn(types, builder.name) || types[builder.name] !== 'numeric') return;
    throw new KindlingError(
      `${this.name}, line ${lines[text.row]}: '${shorten(text.cell)}' is not a number, but column '${builder.name}' is declared numeric.`,
    );
  }

  private requireFinite(builder: ColumnBuilder, lines: Int32Array): void {
    const { infinite } = builder.odd;
    if (infinite.length === 0) return;
    throw new KindlingError(
      `${this.name}: column '${builder.name}' has an infinite value on ${atLines(infinite, lines)}. Correct it, or clear the cell so that it counts as missing.`,
    );
  }

  /** Why a column says nothing, or undefined. */
  private useless(column: Column): string | undefined {
    if (column.missing === this.rows) return 'every cell is missing';
    const { types = {} } = this.options;
    if (Object.hasOwn(types, column.name)) return undefined;
    const present = this.rows - column.missing;
    if (column.kind === 'categorical') {
      const different = column.categories.length;
      if (present < IDENTIFIER_ROWS || different < IDENTIFIER_SHARE * present) return undefined;
      const counts = `${different} different values in ${present} rows`;
      const hint = decimalCommaHint(column.categories);
      return hint === undefined
        ? `it looks like an identifier or free text (${counts})`
        : `it holds words, ${counts}; ${hint}`;
    }
    const { values } = column;
    if (!COUNTER_NAME.test(column.name) || this.rows < 5) return undefined;
    return values.every((value, row) => value === values[0] + row) ? 'it numbers the rows' : undefined;
  }

  /** The rows whose target is known; says or throws what becomes of the others. */
  private rowsWithTarget(column: Column, builder: ColumnBuilder, lines: Int32Array, warnings: string[]): Int32Array {
    const { dropMissingTarget } = this.options;
    const { infinite, nan } = builder.odd;
    const wrong = [...new Set([...infinite, ...nan])].sort((a, b) => a - b);
    if (wrong.length > 0 && dropMissingTarget !== true)
      throw new KindlingError(
        `${this.name}: the target '${column.name}' is NaN or infinite in ${rowCount(wrong.length)} (${atLines(wrong, lines)}). ` +
          'Correct or clear these cells, or leave the rows out with dropMissingTarget.',
      );
    const isWrong = new Set(wrong);
    const keep: number[] = [];
    const without: number[] = [];
    for (let row = 0; row < this.rows; row++)
      (cellOf(column, row) === null || isWrong.has(row) ? without : keep).push(row);
    if (keep.length === 0)
      throw new KindlingError(`${this.name}: the target '${column.name}' has no value in any row.`);
    if (without.length > 0) {
      const facts = `the target '${column.name}' is missing in ${rowCount(without.length)} of ${this.rows} (${atLines(without, lines)})`;
      if (dropMissingTarget === false)
        throw new KindlingError(
          `${this.name}: ${facts}. Fill these cells, or leave the rows out with dropMissingTarget.`,
        );
      warnings.push(`${facts[0].toUpperCase()}${facts.slice(1)}: these rows are left out.`);
    }
    return Int32Array.from(keep);
  }
}

/** A table of plain objects, for data that is in memory already. A key that a row lacks is a missing cell. */
export function tableFromRows(
  rows: readonly Readonly<Record<string, string | number | boolean | null | undefined>>[],
  options: TableOptions,
): Table {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (header.length === 0) throw new KindlingError(`${options.name ?? 'The table'} is empty.`);
  const builder = new TableBuilder(header, options);
  rows.forEach((row, i) =>
    builder.push(
      header.map((column) => {
        const value = Object.hasOwn(row, column) ? row[column] : null;
        if (typeof value === 'number') return value;
        return value === null || value === undefined ? '' : String(value).trim();
      }),
      i + 1,
    ),
  );
  return builder.finish();
}

function oddWords(column: Column, builder: ColumnBuilder, lines: Int32Array): string[] {
  const { text } = builder.odd;
  if (column.kind !== 'categorical') return [];
  const { categories, name } = column;
  const numbers = categories.filter((word) => parseNumber(word) !== undefined).length;
  if (text !== undefined && numbers >= 10 && numbers > 0.5 * categories.length)
    return [
      `Column '${name}' is read as words because of cells such as '${shorten(text.cell)}' (line ${lines[text.row]}), though most of its values are numbers.`,
    ];
  const hint = decimalCommaHint(categories);
  if (hint !== undefined) return [`Column '${name}' is read as words; ${hint}.`];
  if (categories.length <= MOST_CATEGORIES) return [];
  return [
    `Column '${name}' has ${categories.length} categories; all but the ${MOST_CATEGORIES} most frequent are treated alike.`,
  ];
}

function summarize(column: Column, role: 'feature' | 'target'): ColumnSummary {
  const { name, kind, missing } = column;
  const base = { name, role, kind, missing, distinct: distinct(column) };
  if (column.kind === 'numeric') {
    let [min, max, sum] = [Infinity, -Infinity, 0];
    for (const value of column.values) {
      if (value !== value) continue;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    return { ...base, min, max, mean: sum / (column.values.length - missing) };
  }
  const counts = new Int32Array(column.categories.length);
  for (const code of column.codes) if (code !== -1) counts[code]++;
  const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b);
  const top = order.slice(0, 5).map((code) => ({ value: column.categories[code], count: counts[code] }));
  return { ...base, top };
}

function atLines(rows: readonly number[], lines: Int32Array): string {
  return `${rows.length === 1 ? 'line' : 'lines'} ${list(rows.slice(0, 6).map((row) => lines[row]))}`;
}

function rowCount(n: number): string {
  return `${n} ${n === 1 ? 'row' : 'rows'}`;
}
