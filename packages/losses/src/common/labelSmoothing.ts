import { type Field, number } from '@kindling/core';

/** How much of the target is spread over all classes. */
export function labelSmoothing(): Field<number> {
  return number({
    default: 0,
    minimum: 0,
    maximum: 1,
    description: 'part of the target that is spread evenly over all classes',
  });
}
