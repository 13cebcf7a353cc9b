import { minimum, type Tensor } from '@kindling/core';
import { requireShape } from './elementwise.js';
import { hinge } from './hinge.js';

/** max(d(a, p) − d(a, n) + margin, 0); with `swap`, the negative's distance is the lesser of that to a and to p. */
export function tripletMargin(
  loss: string,
  [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor],
  distance: (a: Tensor, b: Tensor) => Tensor,
  { margin, swap }: { readonly margin: number; readonly swap: boolean },
): Tensor {
  requireShape(loss, 'the positive', positive, anchor.shape);
  requireShape(loss, 'the negative', negative, anchor.shape);
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  return hinge(near.sub(swap ? minimum(far, distance(positive, negative)) : far).add(margin));
}
