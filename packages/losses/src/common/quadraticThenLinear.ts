import { minimum, type Tensor } from '@kindling/core';

/**
 * a²/2 up to `join`, and the tangent beyond it: join·(a − join/2). With m = min(a, join) both are m·(a − m/2), which has
 * no branch whose unused side could overflow, and a continuous gradient at the join.
 */
export function quadraticThenLinear(a: Tensor, join: number): Tensor {
  const m = minimum(a, join);
  return a.sub(m.mul(0.5)).mul(m);
}
