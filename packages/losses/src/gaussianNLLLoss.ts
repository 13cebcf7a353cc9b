import {
  boolean,
  customGradient,
  defineLoss,
  KindlingError,
  maximum,
  number,
  showShape,
  type Tensor,
} from '@kindling/core';

/** `t` so that it goes with `shape`: the same rank, and sizes that are equal or 1. */
function aligned(what: string, t: Tensor, shape: readonly number[]): Tensor {
  if (t.shape.length === shape.length && t.shape.every((size, d) => size === shape[d] || size === 1)) return t;
  throw new KindlingError(
    `gaussianNLLLoss: ${what} has shape ${showShape(t.shape)}, which does not go with the input's ${showShape(shape)}; each ` +
      `size must be equal or 1`,
  );
}

/** A variance for every element, every row (last size 1, or no last dimension) or for all. */
function variances(variance: Tensor, shape: readonly number[]): Tensor {
  if (variance.shape.length === 0) return variance;
  const rowWise = variance.shape.length === shape.length - 1 && variance.shape.every((size, d) => size === shape[d]);
  return aligned('the variance', rowWise ? variance.unsqueeze(-1) : variance, shape);
}

/**
 * The negative log likelihood of targets t that are normally distributed around the input x with the given variance:
 * ℓ = ½·(log v + (x − t)² / v), with v = max(variance, eps). `full` adds ½·log 2π.
 *
 * Called with three tensors: `gaussianNLLLoss()(input, target, variance)`. Where the variance is below `eps`, its
 * gradient is that at `eps`, so that it can grow again.
 *
 * Shapes: input [*]; target of that shape, or with sizes 1 instead; variance of the input's shape, with size 1 in the
 * last dimension or without it (one a row), or [] (one for all). `reduction: 'none'` gives [*].
 *
 * Defaults: `full` false, `eps` 1e-6, `reduction` 'mean'. Errors: shapes that do not go together; an `eps` that is not
 * positive. PyTorch refuses a negative variance; here, where no value is read, it counts as `eps`.
 *
 * Source: PyTorch's `GaussianNLLLoss`; Nix and Weigend, "Estimating the mean and variance of the target probability
 * distribution".
 */
export const gaussianNLLLoss = /* @__PURE__ */ defineLoss({
  name: 'gaussianNLLLoss',
  task: 'regression',
  inputs: ['input', 'target', 'variance'],
  output: 'value',
  options: {
    full: boolean({ default: false, description: 'add the constant ½·log 2π' }),
    eps: number({ default: 1e-6, exclusiveMinimum: 0, description: 'the least variance' }),
  },
  compute: ({ full, eps }, input: Tensor, target: Tensor, variance: Tensor) => {
    const error = input.sub(aligned('the target', target, input.shape));
    const v = customGradient([variances(variance, input.shape)], ([x]) => maximum(x, eps), (g) => [g]); // prettier-ignore
    const loss = v.log().add(error.mul(error).div(v)).mul(0.5);
    return full ? loss.add(0.5 * Math.log(2 * Math.PI)) : loss;
  },
});
