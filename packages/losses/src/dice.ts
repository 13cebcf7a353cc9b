import { defineLoss, type Tensor } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';
import { axes, total } from './common/overlap.js';

/**
 * One minus the Dice coefficient, which measures how far two regions overlap: ℓ = 1 − 2·Σ x·t / (Σ t + Σ x + 1e-7), for
 * probabilities x and targets t in 0 … 1.
 *
 * Shapes: input and target [*], any and equal; the target may be integers or booleans. The sums go over the dimensions
 * `axis`, or over all, and `reduction: 'none'` gives the others: [] by default, one value a sample of images
 * [N, H, W, C] for `axis: [1, 2, 3]`.
 *
 * Defaults: no `axis`, `reduction` 'mean'. Errors: shapes that differ; an `axis` that is not there.
 *
 * Source: Keras 3's `Dice`.
 */
export const dice = /* @__PURE__ */ defineLoss({
  name: 'dice',
  task: ['binary', 'multilabel'],
  output: 'probabilities',
  options: { axis: axes('the dimensions over which regions extend; all where not given') },
  compute: ({ axis }, input: Tensor, target: Tensor) => {
    requireSameShape('dice', input, target);
    const t = asFloat(target, input);
    const sum = (x: Tensor): Tensor => total('dice', x, axis);
    return sum(t.mul(input))
      .mul(2)
      .div(sum(t).add(sum(input)).add(epsilon))
      .neg()
      .add(1);
  },
});
