import { arange, asIndices, defineLoss, KindlingError, relu, showShape, type Tensor, where } from '@kindling/core';
import { requireShape } from './common/elementwise.js';

/**
 * The hinge of several classes at once: each class of the sample should exceed each of the others by 1.
 * ℓ = Σ_{j of the sample} Σ_{i not of it} max(0, 1 − (x_j − x_i)) / C.
 *
 * Shapes: input [N, C] or [C]; target of the same shape: the indices (int32) of the sample's classes, followed by −1;
 * what comes after the first negative one is not looked at. `reduction: 'none'` gives [N] or [].
 *
 * Defaults: `reduction` 'mean'.
 *
 * Errors: shapes that differ, a target of floats. A class index above C − 1 is reported when a result is read. Each sample
 * compares all pairs of classes: C² numbers.
 *
 * Source: PyTorch's `MultiLabelMarginLoss`.
 */
export const multiLabelMarginLoss = /* @__PURE__ */ defineLoss({
  name: 'multiLabelMarginLoss',
  task: 'multilabel',
  output: 'logits',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => {
    if (input.shape.length !== 1 && input.shape.length !== 2)
      throw new KindlingError(
        `multiLabelMarginLoss: the input has shape ${showShape(input.shape)}; give [N, C] or [C]`,
      );
    requireShape('multiLabelMarginLoss', 'the target', target, input.shape);
    const classes = input.shape.at(-1)!;
    const listed = asIndices('multiLabelMarginLoss', target);
    const position = arange(classes);
    const end = where(listed.lt(0), position, classes).min(-1, { keepDim: true });
    const counts = position.lt(end);
    const index = where(counts, listed, 0);
    // [sample, entry of the list, class]
    const named = index.unsqueeze(-1).eq(position).and(counts.unsqueeze(-1));
    const others = named.any(-2, { keepDim: true }).not();
    const short = relu(input.unsqueeze(-2).sub(input.gather(-1, index).unsqueeze(-1)).add(1));
    return where(counts.unsqueeze(-1).and(others), short, 0).sum([-2, -1]).div(classes);
  },
});
