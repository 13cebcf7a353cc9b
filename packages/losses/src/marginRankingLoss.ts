import { defineLoss, number, type Tensor } from '@kindling/core';
import { asFloat, requireShape } from './common/elementwise.js';
import { hinge } from './common/hinge.js';

/**
 * For two scores of which the first should be the greater (t = 1) or the second (t = −1):
 * ℓ = max(0, −t·(x₁ − x₂) + margin).
 *
 * Called with three tensors: `marginRankingLoss()(input1, input2, target)`.
 *
 * Shapes: all [*], any and equal, usually [N]; the target may be integers. `reduction: 'none'` gives [*].
 *
 * Defaults: `margin` 0, `reduction` 'mean'. Errors: shapes that differ.
 *
 * Source: PyTorch's `MarginRankingLoss`.
 */
export const marginRankingLoss = /* @__PURE__ */ defineLoss({
  name: 'marginRankingLoss',
  task: 'ranking',
  inputs: ['input1', 'input2', 'target'],
  output: 'value',
  options: { margin: number({ default: 0, description: 'by how much the better score should be greater' }) },
  compute: ({ margin }, input1: Tensor, input2: Tensor, target: Tensor) => {
    requireShape('marginRankingLoss', 'the second input', input2, input1.shape);
    requireShape('marginRankingLoss', 'the target', target, input1.shape);
    return hinge(asFloat(target, input1).mul(input2.sub(input1)).add(margin));
  },
});
