import { KindlingError } from '../errors.js';
import { showShape } from '../shape.js';

/** One number for each of `rank` dimensions. */
export function perDimension(
  operation: string,
  name: string,
  value: number | readonly number[],
  rank: number,
  least: number,
): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : value;
  if (list.length !== rank || !list.every((n) => Number.isInteger(n) && n >= least))
    throw new KindlingError(
      `${operation}: ${name} is ${typeof value === 'number' ? value : showShape(value)}; it must be a whole number from ${least} on` +
        (rank === 1 ? '' : `, or ${rank} of them`),
    );
  return list;
}

/** The names of the last dimensions, for messages. */
export function sizeNames(rank: number): string {
  return ['length', 'height, width', 'depth, height, width'][rank - 1];
}
