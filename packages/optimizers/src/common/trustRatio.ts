import { type Tensor, where } from '@kindling/core';
import { length } from './norm.js';

/** coefficient·‖θ‖ / (‖u‖ + eps), 1 where either length is 0: how much longer the step u shall be for a long parameter. */
export function trustRatio(
  parameter: Tensor,
  step: Tensor,
  coefficient: Tensor | number,
  eps: Tensor | number,
): Tensor {
  const [own, other] = [length(parameter), length(step)];
  const none = own.eq(0).or(other.eq(0));
  return where(none, 1, own.mul(coefficient).div(where(none, 1, other.add(eps))));
}
