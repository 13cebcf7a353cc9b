import { dimensions, type Field, type Tensor } from '@kindling/core';

/** The dimensions that a sum goes over; all where none are given. */
export function axes(description: string): Field<readonly number[] | undefined> {
  const field: Omit<Field<readonly number[] | undefined>, 'type' | 'required'> = {
    kind: 'tuple',
    default: undefined,
    description,
    json: { type: 'array', items: { type: 'integer' } },
    problem: (v) =>
      v === undefined || (Array.isArray(v) && v.every(Number.isInteger)) ? undefined : 'must be an array of dimensions',
  };
  return field as Field<readonly number[] | undefined>;
}

/** Σ over the given dimensions, or over all. */
export function total(loss: string, t: Tensor, axis: readonly number[] | undefined): Tensor {
  return t.sum(axis === undefined ? undefined : dimensions(loss, axis, t.shape));
}
