import type { Tensor } from '@kindling/core';
import { requireSameShape } from './elementwise.js';

/** |x − t|, with gradient 0 where they are equal. */
export function absoluteError(loss: string, input: Tensor, target: Tensor): Tensor {
  requireSameShape(loss, input, target);
  return input.sub(target).abs();
}
