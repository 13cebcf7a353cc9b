import type { Tensor } from '@kindling/core';

/** A running mean: what is kept of the old value, plus a share of the new. */
export function runningMean(old: Tensor, value: Tensor, keep: Tensor, fresh: Tensor): Tensor {
  return old.mul(keep).add(value.mul(fresh));
}

/** Adam's two running means, with one more gradient. */
export function nextMoments(
  state: { readonly expAvg: Tensor; readonly expAvgSq: Tensor },
  gradient: Tensor,
  scalars: { readonly [K in 'keep1' | 'fresh1' | 'keep2' | 'fresh2']: Tensor },
) {
  return {
    expAvg: runningMean(state.expAvg, gradient, scalars.keep1, scalars.fresh1),
    expAvgSq: runningMean(state.expAvgSq, gradient.mul(gradient), scalars.keep2, scalars.fresh2),
  };
}

/** Numbers of Adam's kin, in float64: both rates of decay, what is fresh, and the corrections for the start at 0. */
export function momentScalars([beta1, beta2]: readonly [number, number], step: number) {
  return {
    keep1: beta1,
    fresh1: 1 - beta1,
    keep2: beta2,
    fresh2: 1 - beta2,
    correct1: 1 / (1 - beta1 ** step),
    correct2: 1 / (1 - beta2 ** step),
  };
}
