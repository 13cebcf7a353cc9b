import { defineLoss, type Tensor } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';

/**
 * The absolute error, ℓ = |x − t|. Its gradient is the sign of x − t, and 0 where they are equal.
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `reduction` 'mean'. Errors: shapes that differ; nothing is broadcast.
 *
 * Source: PyTorch's `L1Loss`. Also as `maeLoss`.
 */
export const l1Loss = /* @__PURE__ */ defineLoss({
  name: 'l1Loss',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => absoluteError('l1Loss', input, target),
});
