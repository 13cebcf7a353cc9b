import type { Field } from '@kindling/core';

/** An integer that may be left out. */
export function optionalInteger(o: {
  readonly description: string;
  readonly minimum: number;
}): Field<number | undefined> {
  const field: Omit<Field<number | undefined>, 'type' | 'required'> = {
    kind: 'integer',
    default: undefined,
    description: o.description,
    json: { type: 'integer', minimum: o.minimum },
    problem: (v) =>
      v === undefined || (Number.isInteger(v) && (v as number) >= o.minimum)
        ? undefined
        : `must be an integer of at least ${o.minimum}`,
  };
  return field as Field<number | undefined>;
}
