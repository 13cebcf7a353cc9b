import { KindlingError } from '@kindling/core';
import { DECIMAL_COMMA, isMissingAmongNumbers, isMissing, parseNumber } from './cell.js';
import type { CategoricalColumn, Column, NumericColumn } from './column.js';
import { shorten, sortWords } from './task.js';

/** More categories than this in a column, and the rarest are treated like unknown ones. */
export const MOST_CATEGORIES = 100;

/**
 * A numeric column as inputs: (value − mean) / std, a missing value replaced by `fill`; where a value was missing in
 * training, a second input is 1 for missing and 0 otherwise. A column that was constant in training (std 0) is always 0.
 */
export interface NumericFeature {
  readonly kind: 'numeric';
  readonly name: string;
  readonly mean: number;
  /** The population's (divided by n); 0 for a constant column. */
  readonly std: number;
  /** The median of the training values. */
  readonly fill: number;
  /** Whether there is an input for "missing". */
  readonly missing: boolean;
}

/**
 * A column of words as inputs: one per category, 1 for the cell's own; where a cell was missing in training, one more
 * for "missing". A category not seen in training, and a missing cell where none was, is all zeros.
 */
export interface CategoricalFeature {
  readonly kind: 'categorical';
  readonly name: string;
  readonly categories: readonly string[];
  readonly missing: boolean;
}

export type Feature = NumericFeature | CategoricalFeature;

/** How many inputs a feature has. */
export function featureWidth(feature: Feature): number {
  return (feature.kind === 'numeric' ? 1 : feature.categories.length) + (feature.missing ? 1 : 0);
}

/** The names of a feature's inputs: `age`, `sex=female`, `age is missing`. */
export function inputNames(feature: Feature): string[] {
  const own = feature.kind === 'numeric' ? [feature.name] : feature.categories.map((word) => `${feature.name}=${word}`);
  return feature.missing ? [...own, `${feature.name} is missing`] : own;
}

/** Fits a feature on the given rows of a column. */
export function fitFeature(column: Column, rows: ArrayLike<number>): Feature {
  return column.kind === 'numeric' ? fitNumeric(column, rows) : fitCategorical(column, rows);
}

function fitNumeric(column: NumericColumn, rows: ArrayLike<number>): NumericFeature {
  // plain loops: `Float64Array.from` over millions of rows takes seconds
  const all = new Float64Array(rows.length);
  let n = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = column.values[rows[i]];
    if (value === value) all[n++] = value;
  }
  const present = all.subarray(0, n);
  const missing = present.length < rows.length;
  if (present.length === 0) return { kind: 'numeric', name: column.name, mean: 0, std: 0, fill: 0, missing: false };
  return { kind: 'numeric', name: column.name, ...moments(present), fill: median(present), missing };
}

function fitCategorical(column: CategoricalColumn, rows: ArrayLike<number>): CategoricalFeature {
  const counts = new Int32Array(column.categories.length);
  let missing = false;
  for (let i = 0; i < rows.length; i++) {
    const code = column.codes[rows[i]];
    if (code === -1) missing = true;
    else counts[code]++;
  }
  let seen = Array.from(counts.keys()).filter((code) => counts[code] > 0);
  if (seen.length > MOST_CATEGORIES)
    seen = seen.sort((a, b) => counts[b] - counts[a] || a - b).slice(0, MOST_CATEGORIES);
  const categories = sortWords(seen.map((code) => column.categories[code]));
  return { kind: 'categorical', name: column.name, categories, missing };
}

/** Mean and population standard deviation, exact to rounding at any scale; std is 0 if all values are equal. */
export function moments(values: ArrayLike<number>): { mean: number; std: number } {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i];
  let mean = sum / n;
  if (!Number.isFinite(mean)) {
    mean = 0; // the sum overflowed
    for (let i = 0; i < n; i++) mean += values[i] / n;
  }
  let same = true;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    same &&= values[i] === values[0];
    largest = Math.max(largest, Math.abs(values[i] - mean));
  }
  if (same || !(largest > 0)) return { mean: values[0], std: 0 };
  if (largest === Infinity) return { mean, std: Number.MAX_VALUE };
  // relative to the largest deviation, so that squares neither overflow nor underflow
  let squares = 0;
  let drift = 0;
  for (let i = 0; i < n; i++) {
    const deviation = (values[i] - mean) / largest;
    squares += deviation * deviation;
    drift += deviation;
  }
  return { mean, std: largest * Math.sqrt(squares / n - (drift / n) ** 2) };
}

function median(values: Float64Array): number {
  const sorted = values.slice().sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : sorted[half - 1] / 2 + sorted[half] / 2;
}

/** Writes one numeric value (NaN: missing) as inputs, starting at `out[at]`. */
export function encodeNumber(feature: NumericFeature, value: number, out: Float32Array, at: number): void {
  const absent = value !== value;
  const known = absent ? feature.fill : value;
  out[at] = feature.std === 0 ? 0 : (known - feature.mean) / feature.std;
  if (feature.missing) out[at + 1] = absent ? 1 : 0;
}

/** A function that says which of a feature's inputs is 1 for a word (null: missing), or undefined where none is. */
export function wordInput(feature: CategoricalFeature): (word: string | null) => number | undefined {
  const find = wordFinder(feature.categories);
  const missing = feature.missing ? feature.categories.length : undefined;
  return (word) => (word === null ? missing : find(word));
}

/** Finds a word's index: written exactly so, else as a number of the same value, else alike but for capitals. */
export function wordFinder(words: readonly string[]): (word: string) => number | undefined {
  const exact = new Map(words.map((word, i) => [word, i]));
  const folded = new Map<string, number | undefined>();
  words.forEach((word, i) => {
    const key = word.toLowerCase();
    folded.set(key, folded.has(key) ? undefined : i); // two words that differ by capitals only: neither
  });
  return (word) => {
    const direct = exact.get(word);
    if (direct !== undefined) return direct;
    const number = parseNumber(word);
    return (number === undefined ? undefined : exact.get(String(number))) ?? folded.get(word.toLowerCase());
  };
}

/** A number from a row of plain values; NaN where missing. `row` counts from 1. */
export function numberOf(value: unknown, name: string, row: number): number {
  if (value === null || value === undefined) return NaN;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = typeof value === 'string' ? value.trim() : undefined;
  if (text !== undefined && isMissingAmongNumbers(text)) return NaN;
  const number = text === undefined ? value : parseNumber(text);
  if (typeof number !== 'number') {
    const hint =
      typeof text === 'string' && DECIMAL_COMMA.test(text) ? `; a decimal comma is read with decimal ','` : '';
    throw new KindlingError(`Row ${row}: '${name}' must be a number or null, got ${show(value)}${hint}.`);
  }
  if (number === Infinity || number === -Infinity)
    throw new KindlingError(
      `Row ${row}: '${name}' must be finite, got ${show(value)}; write null where it is missing.`,
    );
  return number;
}

/** A word from a row of plain values; null where missing. `row` counts from 1. */
export function wordOf(value: unknown, name: string, row: number): string | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string')
    throw new KindlingError(`Row ${row}: '${name}' must be a string, a number or null, got ${show(value)}.`);
  const word = value.trim();
  return isMissing(word) ? null : word;
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`;
  return typeof value === 'number'
    ? String(value)
    : `${Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`}`;
}
