import { KindlingError } from '@kindling/core';

/** A factor of the step, or one for each group. */
export type LrLambda = ((epoch: number) => number) | readonly ((epoch: number) => number)[];

/** The factor of a group. */
export function factor(schedule: string, lrLambda: LrLambda, index: number, epoch: number): number {
  const own: unknown = typeof lrLambda === 'function' ? lrLambda : lrLambda[index];
  if (typeof own === 'function') return (own as (epoch: number) => number)(epoch);
  throw new KindlingError(
    `${schedule}: lrLambda must be a function of the steps, or an array with one for each group; group ${index} has none`,
  );
}
