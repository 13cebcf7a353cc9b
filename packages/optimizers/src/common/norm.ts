import type { Tensor } from '@kindling/core';

/** The Euclidean length of all elements together, 0-d. */
export function length(t: Tensor): Tensor {
  return t.mul(t).sum().sqrt();
}
