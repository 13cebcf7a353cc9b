import { defineLoss, type Tensor } from '@kindling/core';
import { asProbabilities } from './common/classTarget.js';
import { hinge } from './common/hinge.js';

/**
 * The hinge of several classes: ℓ = max(0, max_c((1 − t_c)·x_c) − Σ_c t_c·x_c + 1), for targets t, usually one-hot.
 *
 * Shapes: input [*, C]; target of the same shape (floats). Beyond Keras, class indices (int32) of shape [*] are taken as
 * one-hot rows. `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: a target of neither form.
 *
 * Source: Keras 3's `CategoricalHinge`. The greatest of the other classes is at least 0: so is Keras's.
 */
export const categoricalHinge = /* @__PURE__ */ defineLoss({
  name: 'categoricalHinge',
  task: 'classification',
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    const dim = input.shape.length - 1;
    const t = asProbabilities('categoricalHinge', input, target, dim);
    const others = t.neg().add(1).mul(input).max(dim);
    return hinge(others.sub(t.mul(input).sum(dim)).add(1));
  },
});
