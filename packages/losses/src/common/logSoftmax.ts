import { customGradient, type Tensor } from '@kindling/core';

/**
 * x − log Σ exp(x) over `dim`. The greatest is subtracted before and not added again, so that logits around ±1000 lose
 * no digits: log Σ exp alone would be rounded to the spacing of numbers around 1000.
 */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return customGradient(
    [x],
    ([v]) => {
      const shifted = v!.sub(v!.max(dim, { keepDim: true }));
      return shifted.sub(shifted.exp().sum(dim, { keepDim: true }).log());
    },
    (g, y) => [g.sub(y.exp().mul(g.sum(dim, { keepDim: true })))],
  );
}
