import type { TableColumn } from './table.js';
import { count, shown } from './numbers.js';

/** A table under a title. */
export interface ValueTable {
  readonly title: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly string[])[];
  /** Where it is not all that there is. */
  readonly note?: string;
}

/** More rows than this of a curve are for a program to read. */
const mostPoints = 20;

type Scores = Readonly<Record<string, number>>;

/**
 * A metric's value that is no number, as tables: lists and groups of scores, matrices, curves. Lists that are as long as
 * there are classes have an entry for each. Undefined for a value of another form.
 */
export function valueTables(title: string, value: unknown, classes: readonly string[]): ValueTable[] | undefined {
  const numbers = numbersOf(value);
  if (numbers !== undefined)
    return [{ title, columns: [{ title: '' }, column('value')], rows: labelled(numbers, classes).map(([label, x]) => [label, text(x)]) }]; // prettier-ignore
  const scores = scoresOf(value, classes);
  if (scores !== undefined) {
    const keys = Object.keys(scores[0][1]);
    const rows = scores.map(([label, s]) => [label, ...keys.map((key) => text(s[key]))]);
    return [{ title, columns: [{ title: '' }, ...keys.map(column)], rows }];
  }
  if (Array.isArray(value)) {
    const matrix = value.flatMap((row) => [numbersOf(row) ?? []]);
    const [first] = matrix;
    if (first.length > 0 && matrix.every((row) => row.length === first.length))
      return [{ title, columns: [{ title: '' }, ...labelled(first, classes).map(([label]) => column(label))], rows: labelled(matrix, classes).map(([label, row]) => [label, ...row.map(text)]) }]; // prettier-ignore
    const parts = labelled(value, classes).map(([label, part]) => valueTables(`${title}: ${label}`, part, classes));
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  return isObject(value) ? curve(title, value) : undefined;
}

/** Lists of equal length, and numbers of all of it. */
function curve(title: string, value: Readonly<Record<string, unknown>>): ValueTable[] | undefined {
  const lists = Object.entries(value).flatMap(([key, x]) => (Array.isArray(x) ? [[key, numbersOf(x)] as const] : []));
  const whole = Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const length = lists[0]?.[1]?.length;
  if (length === undefined || lists.length + whole.length < Object.keys(value).length) return undefined;
  if (lists.some(([, list]) => list?.length !== length)) return undefined;
  const points = Math.min(length, mostPoints);
  // evenly, with both ends
  const rows = Array.from({ length: points }, (_, i) => Math.round((i * (length - 1)) / Math.max(1, points - 1)));
  return [
    {
      title: [title, ...whole.map(([key, x]) => `${key} ${shown(x)}`)].join(', '),
      columns: lists.map(([key]) => column(key)),
      rows: rows.map((i) => lists.map(([, list]) => text(list![i]))),
      ...(points < length ? { note: `${points} of ${count(length)} points; --json has all` } : {}),
    },
  ];
}

/** Scores under the same names, each with its label: in a list, in an object, or in a list within the object. */
function scoresOf(value: unknown, classes: readonly string[]): [string, Scores][] | undefined {
  const entries = Array.isArray(value) ? labelled(value, classes) : isObject(value) ? Object.entries(value) : [];
  const all = entries.flatMap(([label, x]): [string, unknown][] => (Array.isArray(x) && !Array.isArray(value) ? labelled(x, classes) : [[label, x]])); // prettier-ignore
  const isScores = (x: unknown): x is Scores => isObject(x) && Object.values(x).every((v) => typeof v === 'number');
  if (all.length === 0 || !all.every((entry): entry is [string, Scores] => isScores(entry[1]))) return undefined;
  const names = (x: Scores): string => Object.keys(x).join();
  return all.every(([, x]) => names(x) === names(all[0][1])) ? all : undefined;
}

function numbersOf(value: unknown): number[] | undefined {
  const list = ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as Float64Array) : value;
  return Array.isArray(list) && list.every((x) => typeof x === 'number') ? list : undefined;
}

function labelled<T>(list: readonly T[], classes: readonly string[]): [string, T][] {
  return list.map((x, i) => [list.length === classes.length ? classes[i] : String(i), x]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function column(title: string): TableColumn {
  return { title, align: 'right' };
}

function text(x: number): string {
  return Number.isInteger(x) ? String(x) : shown(x);
}
