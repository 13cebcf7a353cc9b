import {
  arange,
  defineLoss,
  integer,
  KindlingError,
  number,
  relu,
  showShape,
  type Tensor,
  tensorOption,
  where,
} from '@kindling/core';
import { classIndices } from './common/classTarget.js';
import { classWeights } from './common/weights.js';

/**
 * The multi-class hinge: the score of the class y should exceed every other by the margin.
 * ℓ = Σ_{j ≠ y} w_y·max(0, margin − x_y + x_j)ᵖ / C, with class weights w (1 where not given).
 *
 * Shapes: input [N, C] or [C]; target class indices (int32) [N] or [], which is also the shape with `reduction: 'none'`. The
 * mean divides by the number of samples, whatever the weights.
 *
 * Defaults: `p` 1 (or 2), `margin` 1, no `weight`, `reduction` 'mean'.
 *
 * Errors: an input of other dimensions, a target of another shape or of floats, a weight that is not one a class. A class
 * index outside of 0 … C − 1 is reported when a result is read.
 *
 * Source: PyTorch's `MultiMarginLoss`; Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based
 * vector machines".
 */
export const multiMarginLoss = /* @__PURE__ */ defineLoss({
  name: 'multiMarginLoss',
  task: 'classification',
  output: 'logits',
  options: {
    p: integer({ default: 1, minimum: 1, maximum: 2, description: 'the power of each shortfall' }),
    margin: number({ default: 1, description: 'by how much the score of the class should exceed the others' }),
    weight: tensorOption({ optional: true, description: 'one weight a class' }),
  },
  compute: ({ p, margin, weight }, input: Tensor, target: Tensor) => {
    const dim = input.shape.length - 1;
    if (dim !== 0 && dim !== 1)
      throw new KindlingError(`multiMarginLoss: the input has shape ${showShape(input.shape)}; give [N, C] or [C]`);
    const classes = input.shape[dim];
    const index = classIndices('multiMarginLoss', input, target, dim).unsqueeze(dim);
    const weights = classWeights('multiMarginLoss', weight, input, dim);
    const short = relu(input.sub(input.gather(dim, index)).add(margin));
    const cost = p === 1 ? short : short.mul(short);
    const loss = where(arange(classes).eq(index), 0, cost).sum(dim).div(classes);
    if (weights === undefined) return loss;
    return loss.mul(weights.expand(...input.shape).gather(dim, index).squeeze(dim)); // prettier-ignore
  },
});
