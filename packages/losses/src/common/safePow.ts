import { type Tensor, where } from '@kindling/core';

/** xᵖ of numbers that are at least 0, for any p that is: 0 at 0, with gradient 0 there, which for p < 1 would be ∞. */
export function safePow(x: Tensor, p: number): Tensor {
  const zero = x.eq(0);
  return where(zero, 0, where(zero, 1, x).pow(p));
}
