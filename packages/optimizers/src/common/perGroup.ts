import type { Field } from '@kindling/core';

/** A number for all groups, or one for each. */
export function perGroup(o: {
  readonly default: number;
  readonly minimum?: number;
  readonly description: string;
}): Field<number | readonly number[]> {
  const least = o.minimum ?? -Infinity;
  const one = { type: 'number', ...(o.minimum === undefined ? {} : { minimum: o.minimum }) };
  const valid = (x: unknown): boolean => typeof x === 'number' && x >= least;
  const field: Omit<Field<number | readonly number[]>, 'type' | 'required'> = {
    kind: 'number',
    default: o.default,
    description: `${o.description}; one for all groups, or an array`,
    json: { anyOf: [one, { type: 'array', items: one }] },
    problem: (v) =>
      valid(v) || (Array.isArray(v) && v.every(valid))
        ? undefined
        : `must be a number${o.minimum === undefined ? '' : ` of at least ${o.minimum}`}, or an array of them`,
  };
  return field as Field<number | readonly number[]>;
}

export function ofGroup(value: number | readonly number[], index: number): number {
  return typeof value === 'number' ? value : value[index];
}
