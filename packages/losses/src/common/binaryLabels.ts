import { type Tensor, where } from '@kindling/core';

/** Labels −1 and 1: where all labels are 0 or 1, the zeros become −1, as in Keras. */
export function signedLabels(target: Tensor): Tensor {
  const binary = target.eq(0).or(target.eq(1)).all();
  return where(binary, target.mul(2).sub(1), target);
}
