import { KindlingError } from '@kindling/core';

/** Throws unless `value` is a whole number of at least `least`. */
export function requireSize(layer: string, name: string, value: number, least = 1): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new KindlingError(`${layer}: ${name} must be a whole number of at least ${least}, got ${String(value)}`);
}
