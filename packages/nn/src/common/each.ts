import { KindlingError, showShape } from '@kindling/core';

/** Dimensions that a window moves along. */
export type Rank = 1 | 2 | 3;

/** One number for each of `rank` dimensions. */
export function each(
  layer: string,
  name: string,
  value: number | readonly number[],
  rank: Rank,
  least: number,
): readonly number[] {
  const list = typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value];
  if (list.length !== rank || !list.every((n) => Number.isInteger(n) && n >= least))
    throw new KindlingError(
      `${layer}: ${name} is ${typeof value === 'number' ? value : showShape(value)}; it must be a whole number from ${least} on` +
        (rank === 1 ? '' : `, or ${rank} of them`),
    );
  return list;
}
