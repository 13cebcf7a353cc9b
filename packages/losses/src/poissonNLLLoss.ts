import { boolean, defineLoss, number, type Tensor, where } from '@kindling/core';
import { asFloat, requireSameShape } from './common/elementwise.js';

/**
 * The negative log likelihood of counts t that are Poisson-distributed.
 *
 * ℓ = eˣ − t·x for the logarithm x of the rate, or with `logInput: false` ℓ = x − t·log(x + eps) for the rate x itself.
 * `full` adds Stirling's approximation of log t!, t·log t − t + ½·log(2πt), where t > 1.
 *
 * Shapes: input and target [*], any and equal; the target may be integers. `reduction: 'none'` gives [*].
 *
 * Defaults: `logInput` true, `full` false, `eps` 1e-8, `reduction` 'mean'. Errors: shapes that differ; a negative `eps`.
 *
 * Source: PyTorch's `PoissonNLLLoss`.
 */
export const poissonNLLLoss = /* @__PURE__ */ defineLoss({
  name: 'poissonNLLLoss',
  task: 'regression',
  output: ({ logInput }) => (logInput ? 'logRate' : 'value'),
  options: {
    logInput: boolean({ default: true, description: 'the input is the logarithm of the rate' }),
    full: boolean({ default: false, description: "add Stirling's approximation of log t!" }),
    eps: number({ default: 1e-8, minimum: 0, description: 'added to the rate before its logarithm is taken' }),
  },
  compute: ({ logInput, full, eps }, input: Tensor, target: Tensor) => {
    requireSameShape('poissonNLLLoss', input, target);
    const t = asFloat(target, input);
    const loss = logInput ? input.exp().sub(t.mul(input)) : input.sub(t.mul(input.add(eps).log()));
    if (!full) return loss;
    const large = t.gt(1);
    const n = where(large, t, 1);
    const log = n.log();
    const stirling = n
      .mul(log)
      .sub(n)
      .add(log.add(Math.log(2 * Math.PI)).mul(0.5));
    return loss.add(where(large, stirling, 0));
  },
});
