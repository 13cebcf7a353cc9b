import { customGradient, defineLoss, maximum, number, type Tensor, where } from '@kindling/core';
import { requireSameShape } from './common/elementwise.js';

/**
 * The pinball loss, whose minimum is a quantile of the targets and not their mean: with e = t − x,
 * ℓ = max(q·e, (q − 1)·e). Too low costs q, too high 1 − q; q = ½ is half of `l1Loss`. The gradient is 0 where both are
 * equal.
 *
 * Shapes: input and target [*], any and equal; `reduction: 'none'` gives [*].
 *
 * Defaults: `quantile` 0.5, `reduction` 'mean'. Errors: shapes that differ; a `quantile` outside of 0 … 1.
 *
 * Source: Koenker and Bassett, "Regression Quantiles".
 */
export const quantileLoss = /* @__PURE__ */ defineLoss({
  name: 'quantileLoss',
  task: 'regression',
  output: 'value',
  options: { quantile: number({ default: 0.5, minimum: 0, maximum: 1, description: 'which quantile is learnt' }) },
  compute: ({ quantile }, input: Tensor, target: Tensor) => {
    requireSameShape('quantileLoss', input, target);
    return customGradient(
      [target.sub(input)],
      ([e]) => maximum(e.mul(quantile), e.mul(quantile - 1)),
      (g, _loss, [e]) => [where(e.gt(0), g.mul(quantile), where(e.lt(0), g.mul(quantile - 1), 0))],
    );
  },
});
