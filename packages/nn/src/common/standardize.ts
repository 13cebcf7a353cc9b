import { customGradient, node, Tensor } from '@kindling/core';

/** Mean and variance (not corrected) over dimensions, which stay with size 1; in two passes, so that no digits cancel. */
export function moments(x: Tensor, dims: readonly number[]): { mean: Tensor; variance: Tensor; centered: Tensor } {
  const mean = x.mean(dims, { keepDim: true });
  const centered = x.sub(mean);
  return { mean, variance: centered.mul(centered).mean(dims, { keepDim: true }), centered };
}

/**
 * (x − mean) / √(variance + eps) over dimensions, times a weight and plus a bias that are the same along them, where they
 * are given (of the shape of the mean, or 1 where the mean is not). With the two sums Σg and Σg·y along the dimensions, y
 * being the normalised x, the gradients are Σg·y of the weight, Σg of the bias, and weight · (g − Σg/n − y·Σg·y/n) /
 * √(variance + eps) of x: two sums that run together, where those of the parts would be six.
 */
export function standardize(x: Tensor, dims: readonly number[], eps: number, weight?: Tensor, bias?: Tensor): Tensor {
  const count = dims.reduce((n, d) => n * x.shape[d], 1);
  return customGradient(
    weight === undefined || bias === undefined ? [x] : [x, weight, bias],
    ([v, w, b]) => {
      const { centered, variance } = moments(v, dims);
      const normal = centered.div(variance.add(eps).sqrt());
      return w === undefined ? normal : normal.mul(w).add(b);
    },
    (g, y, [v, w]) => {
      const { centered, variance } = moments(v, dims);
      const deviation = variance.add(eps).sqrt();
      const normal = w === undefined ? y : centered.div(deviation);
      const total = g.sum(dims, { keepDim: true });
      const along = g.mul(normal).sum(dims, { keepDim: true });
      // part of the program, as it follows from the shape
      const n = new Tensor(node('const', [], [], x.dtype, count));
      const rest = g.sub(total.div(n)).sub(normal.mul(along.div(n)));
      if (w === undefined) return [rest.div(deviation)];
      const ofWeight = (t: Tensor): Tensor => t.sum(w.shape.flatMap((n, d) => (n === 1 && t.shape[d] > 1 ? [d] : [])), { keepDim: true }); // prettier-ignore
      return [rest.div(deviation).mul(w), ofWeight(along), ofWeight(total)];
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
