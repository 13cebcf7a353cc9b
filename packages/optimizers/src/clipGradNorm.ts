import { KindlingError, maximum, minimum, noGrad, type Parameter, type Tensor, zeros } from '@kindling/core';
import { replaceGradients, withGradient } from './common/withGradient.js';

export interface ClipGradNormOptions {
  /** 2 is the usual one, Infinity the greatest element. Default 2. */
  readonly normType?: number;
}

/** (Σ |x|^p)^(1/p) over all elements of all tensors. */
function totalNorm(tensors: readonly Tensor[], p: number): Tensor {
  const [first, ...others] = tensors
    .filter((t) => t.size > 0)
    .map((t) => {
      if (p === Infinity) return t.abs().max();
      return p === 2 ? t.mul(t).sum() : t.abs().pow(p).sum();
    });
  if (first === undefined) return zeros([]);
  const total = others.reduce((a, b) => (p === Infinity ? maximum(a, b) : a.add(b)), first);
  if (p === Infinity) return total;
  return p === 2 ? total.sqrt() : total.pow(1 / p);
}

/**
 * Scales all gradients by one factor, so that the norm of all of them together is at most `maxNorm`: the factor is
 * min(1, maxNorm / (norm + 1e-6)). To be called between `backward` and `optimizer.step()`; parameters without a gradient
 * are left out. The result is the norm before, as a 0-d tensor: read it before the step, or `keep` it.
 *
 * Errors: a negative `maxNorm`, a `normType` that is not positive. Source: PyTorch's `clip_grad_norm_`.
 */
export function clipGradNorm(
  parameters: Iterable<Parameter>,
  maxNorm: number,
  { normType = 2 }: ClipGradNormOptions = {},
): Tensor {
  if (!(maxNorm >= 0)) throw new KindlingError(`clipGradNorm: maxNorm must be at least 0, got ${maxNorm}`);
  if (!(normType > 0)) throw new KindlingError(`clipGradNorm: normType must be greater than 0, got ${normType}`);
  const members = withGradient(parameters);
  return noGrad(() => {
    const norm = totalNorm(members.map((p) => p.grad), normType); // prettier-ignore
    const factor = minimum(norm.add(1e-6).pow(-1).mul(maxNorm), 1);
    replaceGradients(members, (gradient) => gradient.mul(factor));
    return norm;
  });
}
