import { arange, onesLike, type Tensor, where } from '@kindling/core';

/**
 * For each element of the last dimension the product of all the others. Built of products of halves, without a
 * division: right where elements are 0, and so are its own gradients.
 */
export function productOfOthers(x: Tensor): Tensor {
  const outer = x.shape.slice(0, -1);
  const n = x.shape[outer.length];
  if (n <= 1) return onesLike(x);
  const half = Math.ceil(n / 2);
  const part = (t: Tensor, from: number, to: number): Tensor => t.slice(...outer.map(() => undefined), [from, to]);
  const moved = (t: Tensor, before: number, after: number): Tensor =>
    t.pad([...outer.map(() => [0, 0] as const), [before, after]]);
  const left = part(x, 0, half);
  // of an odd number, the last has the partner 1
  const right = where(arange(half).lt(n - half), moved(part(x, half, n), 0, 2 * half - n), 1);
  const others = productOfOthers(left.mul(right));
  const isLeft = arange(2 * half).lt(half);
  return part(where(isLeft, moved(others.mul(right), 0, half), moved(others.mul(left), half, 0)), 0, n);
}
