import type { Value } from './value.js';

/** The position along one dimension: affine in the axes, plus looked-up parts. */
export interface Dim {
  readonly base: number;
  /** For every axis. */
  readonly stride: readonly number[];
  readonly by?: readonly Lookup[];
}
/** An instruction's value times a stride. */
export interface Lookup {
  readonly value: number;
  readonly stride: number;
  readonly limit: number;
}
/** Where a value counts; outside it is 0. */
export interface Bound {
  readonly at: Dim;
  readonly lo: number;
  readonly hi: number;
}
/** A position in a value: one entry a dimension, and the bounds that padding has put on it. */
export interface Position {
  readonly dims: readonly Dim[];
  readonly bounds: readonly Bound[];
}

/** Whether two lists of dimensions are the same positions. */
export function sameDims(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a === b || sameList(a, b, sameDim);
}

function samePosition(a: Position, b: Position): boolean {
  return a === b || (sameDims(a.dims, b.dims) && sameList(a.bounds, b.bounds, sameBound));
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !same(a[i], b[i])) return false;
  return true;
}

function sameDim(a: Dim, b: Dim): boolean {
  return a.base === b.base && sameList(a.stride, b.stride, () => false) && sameList(a.by ?? [], b.by ?? [], sameLookup);
}

function sameLookup(a: Lookup, b: Lookup): boolean {
  return a.value === b.value && a.stride === b.stride && a.limit === b.limit;
}

function sameBound(a: Bound, b: Bound): boolean {
  return a.lo === b.lo && a.hi === b.hi && sameDim(a.at, b.at);
}

/** What is known of values at positions: a value is met at few, and most operations pass on the very same object. */
export class AtPositions<T> {
  readonly #entries = new Map<Value, { readonly at: Position; readonly known: T }[]>();

  get(v: Value, at: Position): T | undefined {
    return this.#entries.get(v)?.find((entry) => samePosition(entry.at, at))?.known;
  }
  set(v: Value, at: Position, known: T): void {
    const entries = this.#entries.get(v);
    if (entries === undefined) this.#entries.set(v, [{ at, known }]);
    else entries.push({ at, known });
  }
}
