import { boolean, type Field, number, tuple } from '@kindling/core';

/** The learning rate, with the default of its optimizer. */
export function learningRate(value: number): Field<number> {
  return number({ default: value, minimum: 0, description: 'learning rate' });
}

/** Adam's two rates of decay. */
export function betas(first: number, second: number): Field<readonly [number, number]> {
  return tuple({
    default: [first, second],
    minimum: 0,
    exclusiveMaximum: 1,
    description: 'how much of the running means of the gradient and of its square is kept at a step',
  });
}

/** Added to a denominator. */
export function epsilon(value: number): Field<number> {
  return number({ default: value, minimum: 0, description: 'added to the denominator' });
}

/** Weight decay as an L2 penalty: part of the gradient. */
export function coupledDecay(): Field<number> {
  return number({ default: 0, minimum: 0, description: 'L2 penalty, added to the gradient' });
}

/** Whether `weightDecay` stands beside the gradient instead. */
export function decayIsDecoupled(): Field<boolean> {
  return boolean({ default: false, description: 'shrink the parameter instead, as adamw does' });
}

/** Weight decay beside the gradient. */
export function decoupledDecay(value: number): Field<number> {
  return number({ default: value, minimum: 0, description: 'how fast parameters shrink, times lr' });
}

/** A number that may be left open; the definition says what holds then. */
export function optional(given: Field<number>, description: string): Field<number | undefined> {
  const field: Omit<Field<number | undefined>, 'type' | 'required'> = {
    ...given,
    default: undefined,
    description,
    problem: (v) => (v === undefined || v === null ? undefined : given.problem(v)),
    convert: (v) => v ?? undefined,
  };
  return field as Field<number | undefined>;
}
