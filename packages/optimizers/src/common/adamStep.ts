import { maximum, type Tensor, zerosLike } from '@kindling/core';

/** Options that Adam and AdamW share. */
export interface AdamOptions {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
}

/** The running means; amsgrad, by which a parameter stays for good, adds the greatest second moment. */
export function adamState(parameter: Tensor, amsgrad: boolean): Record<string, Tensor> {
  const state = { expAvg: zerosLike(parameter), expAvgSq: zerosLike(parameter) };
  return amsgrad ? { ...state, maxExpAvgSq: zerosLike(parameter) } : state;
}

/** What changes from step to step, in float64. */
export function adamScalars({ lr, betas: [beta1, beta2], eps, weightDecay }: AdamOptions, step: number) {
  return {
    stepSize: lr / (1 - beta1 ** step),
    // √(v / (1 − β₂ᵗ)) as √v times a factor; eps is added after it, as in PyTorch
    correction: 1 / Math.sqrt(1 - beta2 ** step),
    keep1: beta1,
    fresh1: 1 - beta1,
    keep2: beta2,
    fresh2: 1 - beta2,
    eps,
    coupledDecay: weightDecay,
    decoupledDecay: 1 - lr * weightDecay,
  };
}
export type AdamScalars = { readonly [K in keyof ReturnType<typeof adamScalars>]: Tensor };

/** One step; weight decay has been applied to the parameter or added to the gradient before. */
export function adamStep(
  parameter: Tensor,
  gradient: Tensor,
  state: Record<string, Tensor>,
  scalars: AdamScalars,
): { parameter: Tensor; state: Record<string, Tensor> } {
  const expAvg = state['expAvg'].mul(scalars.keep1).add(gradient.mul(scalars.fresh1));
  const expAvgSq = state['expAvgSq'].mul(scalars.keep2).add(gradient.mul(gradient).mul(scalars.fresh2));
  const greatest = state['maxExpAvgSq'];
  const second = greatest === undefined ? expAvgSq : maximum(greatest, expAvgSq);
  const denominator = second.sqrt().mul(scalars.correction).add(scalars.eps);
  return {
    parameter: parameter.sub(expAvg.div(denominator).mul(scalars.stepSize)),
    state: greatest === undefined ? { expAvg, expAvgSq } : { expAvg, expAvgSq, maxExpAvgSq: second },
  };
}
