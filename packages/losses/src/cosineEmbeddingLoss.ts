import { defineLoss, KindlingError, number, showShape, type Tensor, where } from '@kindling/core';
import { requireShape } from './common/elementwise.js';
import { hinge } from './common/hinge.js';

/** Added to each squared length, so that a zero vector has a cosine, 0; PyTorch holds the number in float32. */
const leastSquare = /* @__PURE__ */ Math.fround(1e-12);

/**
 * For pairs of vectors that should point the same way (t = 1) or not (t = −1): ℓ = 1 − cos(x₁, x₂) where t is 1,
 * max(0, cos(x₁, x₂) − margin) where it is −1, with cos = x₁·x₂ / √((x₁² + 1e-12)·(x₂² + 1e-12)).
 *
 * Called with three tensors: `cosineEmbeddingLoss()(input1, input2, target)`.
 *
 * Shapes: inputs [N, D] and target [N], or [D] and []; the target may be integers. `reduction: 'none'` gives [N] or [].
 *
 * Defaults: `margin` 0, `reduction` 'mean'. Errors: shapes that do not go together. A target that is neither 1 nor −1
 * counts 0.
 *
 * Source: PyTorch's `CosineEmbeddingLoss`.
 */
export const cosineEmbeddingLoss = /* @__PURE__ */ defineLoss({
  name: 'cosineEmbeddingLoss',
  task: 'embedding',
  inputs: ['input1', 'input2', 'target'],
  output: 'embedding',
  options: {
    margin: number({ default: 0, minimum: -1, maximum: 1, description: 'the cosine that different pairs may have' }),
  },
  compute: ({ margin }, input1: Tensor, input2: Tensor, target: Tensor) => {
    if (input1.shape.length !== 1 && input1.shape.length !== 2)
      throw new KindlingError(
        `cosineEmbeddingLoss: the inputs have shape ${showShape(input1.shape)}; give [N, D] or [D]`,
      );
    requireShape('cosineEmbeddingLoss', 'the second input', input2, input1.shape);
    requireShape('cosineEmbeddingLoss', 'the target', target, input1.shape.slice(0, -1));
    const square = (x: Tensor): Tensor => x.mul(x).sum(-1).add(leastSquare);
    const cosine = input1
      .mul(input2)
      .sum(-1)
      .div(square(input1).mul(square(input2)).sqrt());
    const apart = where(target.eq(-1), hinge(cosine.sub(margin)), 0);
    return where(target.eq(1), cosine.neg().add(1), apart);
  },
});
