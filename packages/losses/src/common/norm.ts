import { type Tensor, where } from '@kindling/core';
import { safePow } from './safePow.js';

/** √x, with gradient 0 at 0 rather than ∞. */
export function safeSqrt(x: Tensor): Tensor {
  const zero = x.eq(0);
  return where(zero, 0, where(zero, 1, x).sqrt());
}

/** (Σ |x|^p)^(1/p) over the last dimension, with gradient 0 where all elements are 0. */
function norm(x: Tensor, p: number): Tensor {
  const a = x.abs();
  if (p === Infinity) return a.max(-1);
  if (p === 1) return a.sum(-1);
  if (p === 2) return safeSqrt(x.mul(x).sum(-1));
  return safePow(safePow(a, p).sum(-1), 1 / p);
}

/** ‖a − b + eps‖_p over the last dimension: PyTorch's `pairwise_distance`. */
export function pairwiseDistance(a: Tensor, b: Tensor, p: number, eps: number): Tensor {
  return norm(a.sub(b).add(eps), p);
}
