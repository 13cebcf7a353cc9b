import {
  boolean,
  defineLoss,
  KindlingError,
  logSumExp,
  maximum,
  number,
  showShape,
  softplus,
  type Tensor,
  where,
} from '@kindling/core';
import { pairsOf } from './common/pairs.js';

/**
 * Draws embeddings of one class together and pushes those of others apart, each pair with a weight of its own. With
 * distances d = max(0, 1 − xᵢ·xⱼ) and margin m, for each sample i:
 * ℓ = log(1 + Σ_{j alike} exp(−γ·(m + d)·(m − d)) · Σ_{j different} exp(γ·max(0, 1 + m − d)·(1 − m − d))).
 *
 * Shapes: input embeddings [N, D] of length 1; target class indices (int32) [N], which is also the shape with
 * `reduction: 'none'`. A sample without a partner in the batch, or without a stranger, counts 0.
 *
 * Defaults: `gamma` 80, `margin` 0.4, `removeDiagonal` true, `reduction` 'mean'. Errors: shapes that do not go together, a
 * target of floats, a `gamma` that is not positive.
 *
 * Source: Keras 3's `Circle` without reference embeddings; Sun et al., "Circle Loss: A Unified Perspective of Pair
 * Similarity Optimization".
 */
export const circle = /* @__PURE__ */ defineLoss({
  name: 'circle',
  task: 'embedding',
  output: 'embedding',
  options: {
    gamma: number({ default: 80, exclusiveMinimum: 0, description: 'how sharply pairs are told apart' }),
    margin: number({ default: 0.4, description: 'how relaxed the circle is' }),
    removeDiagonal: boolean({ default: true, description: 'a sample is no partner of itself' }),
  },
  compute: ({ gamma, margin, removeDiagonal }, input: Tensor, target: Tensor) => {
    if (input.shape.length !== 2)
      throw new KindlingError(`circle: the input has shape ${showShape(input.shape)}; give embeddings [N, D]`);
    const { alike, different } = pairsOf('circle', input, target, removeDiagonal);
    const distance = maximum(input.matmul(input.transpose()).neg().add(1), 0);
    const near = maximum(distance.add(margin), 0);
    const far = maximum(distance.neg().add(1 + margin), 0);
    const positive = near.mul(distance.sub(margin)).mul(gamma);
    const negative = far.mul(distance.neg().add(1 - margin)).mul(gamma);
    const over = (pairs: Tensor, values: Tensor): Tensor => logSumExp(where(pairs, values, -Infinity), 1);
    const both = alike.any(1).and(different.any(1));
    // chosen: −∞ has no gradient
    return where(both, softplus(where(both, over(alike, positive).add(over(different, negative)), 0)), 0);
  },
});
