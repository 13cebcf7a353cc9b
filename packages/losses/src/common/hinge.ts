import { customGradient, maximum, type Tensor, where } from '@kindling/core';

/** max(x, 0) with gradient 1 at 0, as PyTorch's losses have it; `relu` has gradient 0 there. */
export function hinge(x: Tensor): Tensor {
  return customGradient([x], ([v]) => maximum(v, 0), (g, _y, [v]) => [where(v.lt(0), 0, g)]); // prettier-ignore
}
