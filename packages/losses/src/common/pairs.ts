import { arange, asIndices, type Tensor } from '@kindling/core';
import { requireShape } from './elementwise.js';

/** Which samples of a batch have the same class, and which do not: [N, N]. */
export function pairsOf(
  loss: string,
  input: Tensor,
  target: Tensor,
  removeDiagonal: boolean,
): { alike: Tensor; different: Tensor } {
  requireShape(loss, 'the target', target, input.shape.slice(0, 1));
  const classes = asIndices(loss, target);
  const same = classes.unsqueeze(1).eq(classes);
  const position = arange(input.shape[0]);
  return {
    alike: removeDiagonal ? same.and(position.unsqueeze(1).ne(position)) : same,
    different: same.not(),
  };
}
