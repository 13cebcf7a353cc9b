import { KindlingError } from '@kindling/core';
import { distinct, type CategoricalColumn, type Column, type Oddities } from './column.js';
import { decimalCommaHint, parseNumber } from './cell.js';

/** What is predicted: one of several classes, one of two, or a number. */
export type DataTask = 'classification' | 'binary' | 'regression';

/** An integer target with at most this many different values may be classes. */
const MOST_CLASSES_OF_INTEGERS = 20;
/** … if each value has at least this many rows on average. Two values are always classes. */
const ROWS_PER_CLASS = 10;

/** The target, ready for training: `values` are numbers (regression) or indices into `classes`. */
export interface Target {
  readonly name: string;
  readonly task: DataTask;
  /** Sorted: numbers by value, words by code unit. Empty for regression. */
  readonly classes: readonly string[];
  readonly values: Float64Array | Int32Array;
}

/**
 * The rule: words are classes; two different integers are classes; up to 20 different integers are classes if they
 * have ten rows each on average; all else is regression. Two classes make the task `binary`.
 */
export function inferTask(column: Column): DataTask {
  if (column.kind === 'categorical') return distinct(column, 2) === 2 ? 'binary' : 'classification';
  const different = distinct(column, MOST_CLASSES_OF_INTEGERS);
  if (!column.values.every((value) => Number.isInteger(value))) return 'regression';
  if (different <= 2) return 'binary';
  const few = different <= MOST_CLASSES_OF_INTEGERS && column.values.length >= ROWS_PER_CLASS * different;
  return few ? 'classification' : 'regression';
}

/** The column as a target of `task`, or of the inferred one. The column has no missing cells any more. */
export function targetOf(column: Column, task: DataTask | undefined, odd: Oddities, lines: ArrayLike<number>): Target {
  const { name } = column;
  const rows = column.kind === 'numeric' ? column.values.length : column.codes.length;
  const chosen = task ?? inferTask(column);
  if (chosen === 'regression') {
    if (column.kind === 'categorical') {
      const where = odd.text === undefined ? '' : ` ('${shorten(odd.text.cell)}', line ${lines[odd.text.row]})`;
      const hint = decimalCommaHint(column.categories);
      const remedy = hint === undefined ? "Correct the cell, choose another target, or use task 'classification'" : capital(hint); // prettier-ignore
      throw new KindlingError(`Regression needs a target of numbers, but '${name}' holds words${where}. ${remedy}.`);
    }
    if (distinct(column, 1) < 2)
      throw new KindlingError(
        `Every row has the same target: '${name}' is ${column.values[0]} in all ${rows} rows; there is nothing to learn.`,
      );
    return { name, task: chosen, classes: [], values: column.values };
  }
  const { classes, values } = classify(column);
  if (classes.length < 2)
    throw new KindlingError(
      `The target '${name}' has one class only ('${classes[0]}' in all ${rows} rows); a classifier needs at least two.`,
    );
  if (chosen === 'binary' && classes.length > 2)
    throw new KindlingError(
      `Task 'binary' needs a target with two classes, but '${name}' has ${classes.length} (${list(classes)}). Use task 'classification'.`,
    );
  if (classes.length > MOST_CLASSES_OF_INTEGERS && classes.length > rows / 2)
    throw new KindlingError(tooManyClasses(column, classes, rows, odd, lines));
  return { name, task: chosen, classes, values };
}

function classify(column: Column): { classes: string[]; values: Int32Array } {
  if (column.kind === 'numeric') {
    const numbers = [...new Set(column.values)].sort((a, b) => a - b);
    const index = new Map(numbers.map((number, i) => [number, i]));
    return { classes: numbers.map(String), values: Int32Array.from(column.values, (value) => index.get(value)!) };
  }
  const used = new Set(column.codes);
  const classes = sortWords(column.categories.filter((_, code) => used.has(code)));
  const index = new Map(classes.map((word, i) => [word, i]));
  const recode = column.categories.map((word) => index.get(word) ?? -1);
  return { classes, values: column.codes.map((code) => recode[code]) };
}

/** Words in a fixed order that no locale changes: by value if all are numbers, else by code unit. */
export function sortWords(words: Iterable<string>): string[] {
  const all = [...words];
  const numbers = all.map(parseNumber);
  if (numbers.every((number) => number !== undefined))
    return all.sort((a, b) => parseNumber(a)! - parseNumber(b)! || (a < b ? -1 : 1));
  return all.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function tooManyClasses(
  column: Column,
  classes: readonly string[],
  rows: number,
  odd: Oddities,
  lines: ArrayLike<number>,
): string {
  const words = (column as CategoricalColumn).categories ?? [];
  const numbers = words.filter((word) => parseNumber(word) !== undefined).length;
  const hint = decimalCommaHint(words);
  const start = `The target '${column.name}' has ${classes.length} different values in ${rows} rows, too many to be classes`;
  if (hint !== undefined) return `${start}. ${capital(hint)}.`;
  if (column.kind === 'categorical' && odd.text !== undefined && numbers > 0.5 * classes.length)
    return `${start}. Most are numbers: '${shorten(odd.text.cell)}' (line ${lines[odd.text.row]}) is not; correct or clear the cells that are no numbers.`;
  const cell =
    odd.text === undefined
      ? ''
      : `; for a regression '${shorten(odd.text.cell)}' (line ${lines[odd.text.row]}) would have to be a number`;
  return `${start}. Choose another target${column.kind === 'numeric' ? ", or use task 'regression'" : cell}.`;
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

/** `a, b, c, …` */
export function list(values: readonly (string | number)[], most = 5): string {
  return values.slice(0, most).join(', ') + (values.length > most ? ', …' : '');
}

export function shorten(text: string, most = 40): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
