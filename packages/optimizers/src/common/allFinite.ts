import type { Tensor } from '@kindling/core';

/** Whether no element of any is NaN or infinite: bool, 0-d. */
export function allFinite(tensors: readonly Tensor[]): Tensor {
  // 0·x is NaN for an x that is not finite, and NaN stays
  const zeros = tensors.map((t) => t.mul(0).sum().to('float32'));
  return zeros.reduce((a, b) => a.add(b)).eq(0);
}
