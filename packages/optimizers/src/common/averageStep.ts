import type { Tensor } from '@kindling/core';

interface Averaged {
  readonly parameter: Tensor;
  readonly state: { readonly average: Tensor };
  readonly scalars: { readonly fresh: Tensor };
}

/** average ← average + fresh·(parameter − average): exactly the parameter where fresh is 1, unchanged where it is 0. */
export function averageStep({ parameter, state: { average }, scalars: { fresh } }: Averaged) {
  return { state: { average: average.mul(fresh.neg().add(1)).add(parameter.mul(fresh)) } };
}
