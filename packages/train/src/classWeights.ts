import type { LossFactory } from '@kindling/core';
import type { Dataset } from '@kindling/data';

/**
 * Options that make a loss count each class alike, whatever its number of rows: `weight` for losses with class
 * weights, `posWeight` for binary ones.
 * @throws KindlingError for a loss that has neither.
 */
export declare function balancedOptions(
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  loss: LossFactory<any, any, any>,
  data: Dataset,
): { weight: number[] } | { posWeight: number[] };
