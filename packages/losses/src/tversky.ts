import { defineLoss, number, type Tensor } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';
import { epsilon } from './common/keras.js';
import { axes, total } from './common/overlap.js';

/**
 * One minus the Tversky index, a Dice coefficient that weighs what is found wrongly and what is missed:
 * ℓ = 1 − I / (I + α·Σ (1 − t)·x + β·Σ t·(1 − x) + 1e-7), with I = Σ x·t, for probabilities x and targets t in 0 … 1. With
 * both ½ it is the Dice coefficient.
 *
 * Shapes: input and target [*], any and equal; the target may be integers or booleans. The sums go over the dimensions
 * `axis`, or over all, and `reduction: 'none'` gives the others: [] by default, one value a sample of images
 * [N, H, W, C] for `axis: [1, 2, 3]`.
 *
 * Defaults: `alpha` 0.5, `beta` 0.5, no `axis`, `reduction` 'mean'.
 *
 * Errors: shapes that differ, a negative `alpha` or `beta`, an `axis` that is not there.
 *
 * Source: Keras 3's `Tversky`; Salehi, Erdogmus and Gholipour, "Tversky loss function for image segmentation using 3D fully
 * convolutional deep networks".
 */
export const tversky = /* @__PURE__ */ defineLoss({
  name: 'tversky',
  task: ['binary', 'multilabel'],
  output: 'probabilities',
  options: {
    alpha: number({ default: 0.5, minimum: 0, description: 'weight of what is found wrongly' }),
    beta: number({ default: 0.5, minimum: 0, description: 'weight of what is missed' }),
    axis: axes('the dimensions over which regions extend; all where not given'),
  },
  compute: ({ alpha, beta, axis }, input: Tensor, target: Tensor) => {
    requireSameShape('tversky', input, target);
    const t = asFloat(target, input);
    const sum = (x: Tensor): Tensor => total('tversky', x, axis);
    const found = sum(t.mul(input));
    const wrong = sum(t.neg().add(1).mul(input)).mul(alpha);
    const missed = sum(input.neg().add(1).mul(t)).mul(beta);
    return found.div(found.add(wrong).add(missed).add(epsilon)).neg().add(1);
  },
});
