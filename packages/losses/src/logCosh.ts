import { customGradient, defineLoss, expm1, log1p, minimum, type Tensor, where } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';

/** log cosh x: neither overflows nor cancels. */
function logCoshOf(x: Tensor): Tensor {
  const a = x.abs();
  // cosh a − 1 = (eᵃ − 1)² / (2·eᵃ)
  const near = minimum(a, 1);
  const grown = expm1(near);
  const small = log1p(grown.mul(grown).div(grown.add(1)).mul(0.5));
  const large = a.add(log1p(a.mul(-2).exp())).sub(Math.LN2);
  return where(a.lt(1), small, large);
}

/**
 * The logarithm of the hyperbolic cosine of the error, ℓ = log cosh(x − t): about e²/2 for small errors and |e| − log 2 for
 * large ones. Its gradient is tanh(x − t).
 *
 * Shapes: input and target [*], any and equal. `reduction: 'none'` gives [*], where Keras has taken the mean over the last
 * dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `LogCosh`, also Optax's `log_cosh`. Small errors keep all of their digits here.
 */
export const logCosh = /* @__PURE__ */ defineLoss({
  name: 'logCosh',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('logCosh', input, target);
    return customGradient([input.sub(target)], ([e]) => logCoshOf(e), (g, _loss, [e]) => [g.mul(e.tanh())]); // prettier-ignore
  },
});
