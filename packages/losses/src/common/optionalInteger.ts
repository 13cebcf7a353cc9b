import type { Field } from '@kindling/core';

/** An integer that may be left out. */
export function optionalInteger(o: { readonly description: string }): Field<number | undefined> {
  const field: Omit<Field<number | undefined>, 'type' | 'required'> = {
    kind: 'integer',
    default: undefined,
    description: o.description,
    json: { type: 'integer' },
    problem: (value) => (value === undefined || Number.isInteger(value) ? undefined : 'must be an integer'),
  };
  return field as Field<number | undefined>;
}
