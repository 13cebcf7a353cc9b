/** Activations as functions of a tensor: layers of `sequential`, or for your own `forward`. */
import { expm1, sigmoid, type Tensor, where } from '@kindling/core';
export { logSigmoid, relu, sigmoid, softplus } from '@kindling/core';

export function tanh(x: Tensor): Tensor {
  return x.tanh();
}
/** x · Φ(x), with the exact normal distribution function; PyTorch's `approximate: 'tanh'` on request. */
export function gelu(x: Tensor, options: { approximate?: 'none' | 'tanh' } = {}): Tensor {
  if (options.approximate === 'tanh') {
    const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(inner.tanh().add(1));
  }
  return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
}
/** x · sigmoid(x). */
export function silu(x: Tensor): Tensor {
  return x.mul(sigmoid(x));
}
/** x where positive, else x · negativeSlope (default 0.01). */
export function leakyRelu(x: Tensor, options: { negativeSlope?: number } = {}): Tensor {
  return where(x.gt(0), x, x.mul(options.negativeSlope ?? 0.01));
}
/** x where positive, else alpha · (exp(x) − 1). Default alpha 1. */
export function elu(x: Tensor, options: { alpha?: number } = {}): Tensor {
  // the unused side must not overflow: its gradient would be ∞ · 0
  const negative = expm1(where(x.gt(0), 0, x));
  return where(x.gt(0), x, options.alpha === undefined ? negative : negative.mul(options.alpha));
}
/** The self-normalising variant of elu, with its two constants. */
export function selu(x: Tensor): Tensor {
  return elu(x, { alpha: 1.6732632423543772 }).mul(1.0507009873554805);
}
