/** Activations as functions of a tensor: layers of `sequential`, or for your own `forward`. */
import { activationFunction, type ActivationFunction, expm1, sigmoid, type Tensor, where } from '@kindling/core';
export { logSigmoid, relu, sigmoid, softplus } from '@kindling/core';

export const tanh: ActivationFunction = /* @__PURE__ */ activationFunction('tanh', (x) => x.tanh());
/** x · Φ(x), with the exact normal distribution function; PyTorch's `approximate: 'tanh'` on request. */
export const gelu: ActivationFunction<(x: Tensor, options?: { approximate?: 'none' | 'tanh' }) => Tensor> =
  /* @__PURE__ */ activationFunction('gelu', (x, options = {}) => {
    if (options.approximate === 'tanh') {
      const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
      return x.mul(0.5).mul(inner.tanh().add(1));
    }
    return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
  });
/** x · sigmoid(x). */
export const silu: ActivationFunction = /* @__PURE__ */ activationFunction('silu', (x) => x.mul(sigmoid(x)));
/** x where positive, else x · negativeSlope (default 0.01). */
export const leakyRelu: ActivationFunction<(x: Tensor, options?: { negativeSlope?: number }) => Tensor> =
  /* @__PURE__ */ activationFunction('leakyRelu', (x, options = {}) => {
    return where(x.gt(0), x, x.mul(options.negativeSlope ?? 0.01));
  });
/** x where positive, else alpha · (exp(x) − 1). Default alpha 1. */
export const elu: ActivationFunction<(x: Tensor, options?: { alpha?: number }) => Tensor> =
  /* @__PURE__ */ activationFunction('elu', (x, options = {}) => {
    // the unused side must not overflow: its gradient would be ∞ · 0
    const negative = expm1(where(x.gt(0), 0, x));
    return where(x.gt(0), x, options.alpha === undefined ? negative : negative.mul(options.alpha));
  });
/** The self-normalising variant of elu, with its two constants. */
export const selu: ActivationFunction = /* @__PURE__ */ activationFunction('selu', (x) =>
  elu(x, { alpha: 1.6732632423543772 }).mul(1.0507009873554805),
);
