import {
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
import { safeSqrt } from './common/norm.js';
import { pairsOf } from './common/pairs.js';

/**
 * The normalised temperature-scaled cross-entropy of SimCLR: each embedding should find its partners, which have the same
 * label, among the strangers. With s the cosines of two embeddings divided by the temperature, for each sample i:
 * ℓ = −Σ_{j alike} log(exp s_ij / (exp s_ij + Σ_{k different} exp s_ik)). The mean is Σℓ divided by the number of pairs.
 *
 * Shapes: input embeddings [N, D] of any length but 0; target labels (int32) [N], usually twice each of N/2 numbers, which
 * is also the shape with `reduction: 'none'`.
 *
 * Defaults: `temperature` 0.07, `reduction` 'mean'. Errors: shapes that do not go together, a target of floats, a
 * `temperature` that is not positive. Without any pair the mean is NaN.
 *
 * Source: Optax's `ntxent`; Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations".
 */
export const ntXent = /* @__PURE__ */ defineLoss({
  name: 'ntXent',
  task: 'embedding',
  output: 'embedding',
  options: {
    temperature: number({ default: 0.07, exclusiveMinimum: 0, description: 'what cosines are divided by' }),
  },
  compute: ({ temperature }, input: Tensor, target: Tensor) => {
    if (input.shape.length !== 2)
      throw new KindlingError(`ntXent: the input has shape ${showShape(input.shape)}; give embeddings [N, D]`);
    const { alike, different } = pairsOf('ntXent', input, target, true);
    const unit = input.div(maximum(safeSqrt(input.mul(input).sum(1, { keepDim: true })), 1e-12));
    const similarity = unit.matmul(unit.transpose()).div(temperature);
    // −log of a partner's share is softplus of how far all strangers together are above it: no exponential leaves its range
    const strangers = logSumExp(where(different, similarity, -Infinity), 1, { keepDim: true });
    const pair = softplus(strangers.sub(similarity));
    return { value: where(alike, pair, 0).sum(1), weight: alike.to(input.dtype).sum(1) };
  },
});
