import type { Field } from '@kindling/core';

/** Any number of integers. */
export function integers(o: { readonly description: string }): Field<readonly number[]> {
  const field: Omit<Field<readonly number[]>, 'type' | 'required'> = {
    kind: 'tuple',
    default: [],
    description: o.description,
    json: { type: 'array', items: { type: 'integer' } },
    problem: (v) => (Array.isArray(v) && v.every(Number.isInteger) ? undefined : 'must be an array of integers'),
  };
  return field as Field<readonly number[]>;
}
