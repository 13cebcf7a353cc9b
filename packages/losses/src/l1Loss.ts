import { defineLoss } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';
import type { WeightedInputs } from './common/elementwise.js';
import { weighted } from './common/weights.js';

/**
 * The absolute error, ℓ = |x − t|. Its gradient is the sign of x − t, and 0 where they are equal.
 *
 * A third tensor weighs each element: `l1Loss()(input, target, weight)`, ℓ = w·|x − t|, and the mean is Σℓ / Σw.
 *
 * Shapes: input, target and weight [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ; nothing is broadcast.
 *
 * Source: PyTorch's `L1Loss`; the weight is that of its `l1_loss`. Also as `maeLoss`.
 */
export const l1Loss = /* @__PURE__ */ defineLoss({
  name: 'l1Loss',
  task: 'regression',
  inputs: ['input', 'target', 'weight?'],
  output: 'value',
  options: {},
  compute: (_options, ...[input, target, ...weight]: WeightedInputs) =>
    weighted('l1Loss', absoluteError('l1Loss', input, target), weight),
});
