import { clamp, type Tensor } from '@kindling/core';

/** Keras's epsilon. */
const epsilon = 1e-7;

/** log p of probabilities as Keras takes it: p is clipped to [1e-7, 1 − 1e-7], and has no gradient outside. */
export function clippedLog(p: Tensor): Tensor {
  return clamp(p, epsilon, 1 - epsilon).log();
}
