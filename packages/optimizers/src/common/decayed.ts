import type { Tensor } from '@kindling/core';

/** Parameter and gradient with weight decay: the one shrunk, or the penalty added to the other. */
export function decayed(
  parameter: Tensor,
  gradient: Tensor,
  scalars: { readonly shrink: Tensor; readonly weightDecay: Tensor },
  isDecoupled: boolean,
): [parameter: Tensor, gradient: Tensor] {
  return isDecoupled
    ? [parameter.mul(scalars.shrink), gradient]
    : [parameter, gradient.add(parameter.mul(scalars.weightDecay))];
}
