/** A factor of the step, or one for each group. */
export type LrLambda = ((epoch: number) => number) | readonly ((epoch: number) => number)[];

/** The factor of a group. */
export function factor(lrLambda: LrLambda, index: number, epoch: number): number {
  return (typeof lrLambda === 'function' ? lrLambda : lrLambda[index])(epoch);
}
