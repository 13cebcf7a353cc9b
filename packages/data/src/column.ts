import { isMissing, isMissingAmongNumbers, parseNumber } from './cell.js';

export type ColumnKind = 'numeric' | 'categorical';

/** A column of numbers; a missing cell is NaN. */
export interface NumericColumn {
  readonly name: string;
  readonly kind: 'numeric';
  readonly values: Float64Array;
  readonly missing: number;
}

/** A column of words; each cell is an index into `categories`, −1 where missing. */
export interface CategoricalColumn {
  readonly name: string;
  readonly kind: 'categorical';
  readonly codes: Int32Array;
  readonly categories: readonly string[];
  readonly missing: number;
}

export type Column = NumericColumn | CategoricalColumn;

/** What was odd about a column while it was read. */
export interface Oddities {
  /** The first cell that is no number, in a column of which that might be expected. */
  text: { row: number; cell: string } | undefined;
  /** Rows that hold an infinity. */
  infinite: number[];
  /** Rows that spell out `NaN`, which is missing in a feature and an error in a target. */
  nan: number[];
}

/**
 * Collects one column's cells, without keeping their text: numbers go to a Float64Array until a cell is no number;
 * then the column becomes words, held once each. A word that writes a number is held in its shortest form
 * (`38.0` and `38` are one category), unless the column was declared categorical.
 */
export class ColumnBuilder {
  readonly odd: Oddities = { text: undefined, infinite: [], nan: [] };
  private rows = 0;
  private numbers: Float64Array | undefined = new Float64Array(64);
  private codes = new Int32Array(0);
  private dictionary = new Map<string, number>();

  constructor(
    readonly name: string,
    private readonly declared: ColumnKind | undefined,
  ) {
    if (declared === 'categorical') this.becomeWords();
  }

  push(cell: string): void {
    const row = this.rows++;
    const missing = this.declared === 'numeric' ? isMissingAmongNumbers(cell) : isMissing(cell);
    if (missing && cell.length === 3 && cell.toLowerCase() === 'nan') this.odd.nan.push(row);
    const value = missing || this.declared === 'categorical' ? undefined : parseNumber(cell);
    if (this.numbers !== undefined) {
      if (missing || value !== undefined) return this.setNumber(row, value ?? NaN);
      this.odd.text ??= { row, cell };
      if (this.declared === 'numeric') return this.setNumber(row, NaN);
      this.becomeWords();
    }
    this.setWord(row, missing ? undefined : value === undefined ? cell : String(value));
  }

  /** A value that is a number already. */
  pushNumber(value: number): void {
    if (this.numbers === undefined) return this.push(Number.isNaN(value) ? '' : String(value));
    if (Number.isNaN(value)) this.odd.nan.push(this.rows);
    this.setNumber(this.rows++, value);
  }

  finish(): Column {
    if (this.numbers === undefined) this.becomeNumbersAgain();
    const { name, rows } = this;
    if (this.numbers !== undefined) {
      const values = this.numbers.slice(0, rows);
      return { name, kind: 'numeric', values, missing: count(values, (value) => value !== value) };
    }
    const codes = this.codes.slice(0, rows);
    const categories = [...this.dictionary.keys()];
    return { name, kind: 'categorical', codes, categories, missing: count(codes, (code) => code === -1) };
  }

  private setNumber(row: number, value: number): void {
    let numbers = this.numbers!;
    if (row >= numbers.length) {
      numbers = new Float64Array(2 * row);
      numbers.set(this.numbers!);
      this.numbers = numbers;
    }
    numbers[row] = value;
    if (value === Infinity || value === -Infinity) this.odd.infinite.push(row);
  }

  private setWord(row: number, word: string | undefined): void {
    if (row >= this.codes.length) {
      const codes = new Int32Array(Math.max(64, 2 * row));
      codes.set(this.codes);
      this.codes = codes;
    }
    if (word === undefined) {
      this.codes[row] = -1;
      return;
    }
    let code = this.dictionary.get(word);
    if (code === undefined) this.dictionary.set(word, (code = this.dictionary.size));
    this.codes[row] = code;
  }

  private becomeWords(): void {
    const numbers = this.numbers!;
    this.numbers = undefined;
    const done = this.odd.text?.row ?? 0;
    for (let row = 0; row < done; row++)
      this.setWord(row, Number.isNaN(numbers[row]) ? undefined : String(numbers[row]));
    this.odd.infinite = [];
  }

  /** `none` and `-` turn out to mean missing where all else is a number. */
  private becomeNumbersAgain(): void {
    if (this.declared === 'categorical') return;
    const values: number[] = [];
    for (const word of this.dictionary.keys()) {
      const value = isMissingAmongNumbers(word) ? NaN : parseNumber(word);
      if (value === undefined) return;
      values.push(value);
    }
    if (values.every((value) => Number.isNaN(value))) return;
    this.numbers = new Float64Array(Math.max(1, this.rows));
    for (let row = 0; row < this.rows; row++)
      this.setNumber(row, this.codes[row] === -1 ? NaN : values[this.codes[row]]);
    this.odd.text = undefined;
  }
}

/** The column without the rows for which `keep` is false. */
export function filterColumn(column: Column, keep: ArrayLike<number>): Column {
  if (column.kind === 'numeric') {
    const values = Float64Array.from(keep, (row) => column.values[row]);
    return { ...column, values, missing: count(values, (value) => value !== value) };
  }
  const codes = Int32Array.from(keep, (row) => column.codes[row]);
  return { ...column, codes, missing: count(codes, (code) => code === -1) };
}

/** The cell of a row: a number, a word, or null where missing. */
export function cellOf(column: Column, row: number): string | number | null {
  if (column.kind === 'numeric') {
    const value = column.values[row];
    return Number.isNaN(value) ? null : value;
  }
  const code = column.codes[row];
  return code === -1 ? null : column.categories[code];
}

/** How many different values a column holds, missing cells aside; counting stops beyond `limit`. */
export function distinct(column: Column, limit = Infinity): number {
  const seen = new Set<number>();
  const cells = column.kind === 'numeric' ? column.values : column.codes;
  for (let row = 0; row < cells.length && seen.size <= limit; row++) {
    const cell = cells[row];
    if (cell === cell && (column.kind === 'numeric' || cell !== -1)) seen.add(cell);
  }
  return seen.size;
}

function count<T extends Float64Array | Int32Array>(values: T, test: (value: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < values.length; i++) if (test(values[i])) n++;
  return n;
}
