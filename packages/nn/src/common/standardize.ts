import { customGradient, type Tensor } from '@kindling/core';

/** Mean and variance (not corrected) over dimensions, which stay with size 1; in two passes, so that no digits cancel. */
export function moments(x: Tensor, dims: readonly number[]): { mean: Tensor; variance: Tensor; centered: Tensor } {
  const mean = x.mean(dims, { keepDim: true });
  const centered = x.sub(mean);
  return { mean, variance: centered.mul(centered).mean(dims, { keepDim: true }), centered };
}

/**
 * (x − mean) / √(variance + eps) over dimensions. The gradient is (g − mean(g) − y · mean(g · y)) / √(variance + eps): two
 * sums that run together, where that of the parts would have four.
 */
export function standardize(x: Tensor, dims: readonly number[], eps: number): Tensor {
  return customGradient(
    [x],
    ([v]) => {
      const { centered, variance } = moments(v, dims);
      return centered.div(variance.add(eps).sqrt());
    },
    (g, y, [v]) => {
      const along = g.mul(y).mean(dims, { keepDim: true });
      const rest = g.sub(g.mean(dims, { keepDim: true })).sub(y.mul(along));
      return [rest.div(moments(v, dims).variance.add(eps).sqrt())];
    },
  );
}

/** x / √(mean(x²) + eps) over dimensions. */
export function normalizeSize(x: Tensor, dims: readonly number[], eps: number): Tensor {
  const size = (v: Tensor): Tensor => v.mul(v).mean(dims, { keepDim: true }).add(eps).sqrt();
  return customGradient(
    [x],
    ([v]) => v.div(size(v)),
    (g, y, [v]) => [g.sub(y.mul(g.mul(y).mean(dims, { keepDim: true }))).div(size(v))],
  );
}
