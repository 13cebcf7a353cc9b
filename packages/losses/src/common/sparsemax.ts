import { maximum, type Tensor, where } from '@kindling/core';

/**
 * The nearest probabilities to `x` over the last dimension, most of which are 0: max(x − τ, 0) with the τ that makes their
 * sum 1. An entry belongs to the support if 1 + k·x > Σ of the k entries that are not less; comparing all pairs finds out
 * without sorting.
 */
export function sparsemax(x: Tensor): Tensor {
  const other = x.unsqueeze(-2);
  const notLess = other.ge(x.unsqueeze(-1));
  const count = notLess.to(x.dtype).sum(-1);
  const sum = where(notLess, other, 0).sum(-1);
  const inside = count.mul(x).add(1).gt(sum);
  const size = inside.to(x.dtype).sum(-1, { keepDim: true });
  const threshold = where(inside, x, 0).sum(-1, { keepDim: true }).sub(1).div(size);
  return maximum(x.sub(threshold), 0);
}
