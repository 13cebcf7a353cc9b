import { concat, ones, onesLike, type Tensor } from '@kindling/core';

/**
 * For each element of the last dimension the product of all the others. Built of products of halves, without a
 * division: right where elements are 0, and so are its own gradients.
 */
export function productOfOthers(x: Tensor): Tensor {
  const outer = x.shape.slice(0, -1);
  const all = outer.map(() => undefined);
  const n = x.shape[outer.length];
  if (n <= 1) return onesLike(x);
  const half = Math.ceil(n / 2);
  const left = x.slice(...all, [0, half]);
  let right = x.slice(...all, [half, n]);
  if (n % 2 === 1) right = concat([right, ones([...outer, 1], { dtype: x.dtype })], -1);
  const others = productOfOthers(left.mul(right));
  return concat([others.mul(right), others.mul(left)], -1).slice(...all, [0, n]);
}
