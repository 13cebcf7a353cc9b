import { defineLoss, type Tensor } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';

/**
 * The negative log likelihood of Poisson-distributed counts t with rate x, without its constant:
 * ℓ = x − t·log(x + 1e-7). Equals `poissonNLLLoss` with `logInput: false` and `eps: 1e-7`.
 *
 * Shapes: input and target [*], any and equal; the target may be integers. `reduction: 'none'` gives [*], where Keras has
 * taken the mean over the last dimension.
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: Keras 3's `Poisson`.
 */
export const poisson = /* @__PURE__ */ defineLoss({
  name: 'poisson',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    requireSameShape('poisson', input, target);
    return input.sub(asFloat(target, input).mul(input.add(epsilon).log()));
  },
});
