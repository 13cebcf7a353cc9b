import { boolean, defineOptimizer, number, type Tensor, zerosLike } from '@kindling/core';

/**
 * Stochastic gradient descent, with momentum.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ, momentum μ and dampening τ:
 * - g ← g + λ·θ
 * - b ← g at a parameter's first step, b ← μ·b + (1 − τ)·g afterwards
 * - θ ← θ − lr·b, or θ ← θ − lr·(g + μ·b) with `nesterov`, or θ ← θ − lr·g without momentum
 *
 * Defaults: `lr` 1e-3, `momentum` 0, `dampening` 0, `weightDecay` 0, `nesterov` false, `maximize` false. State:
 * with momentum `momentumBuffer`, of the parameter's shape. Whether there is momentum is settled at a parameter's first
 * step; afterwards it may change, also to 0 and back.
 *
 * Errors: a negative `lr`, `momentum` or `weightDecay`; `nesterov` without momentum or with dampening.
 *
 * Source: PyTorch's `SGD`; Sutskever et al., "On the importance of initialization and momentum in deep learning".
 */
export const sgd = /* @__PURE__ */ defineOptimizer({
  name: 'sgd',
  options: {
    lr: number({ default: 1e-3, minimum: 0, description: 'learning rate' }),
    momentum: number({ default: 0, minimum: 0, description: 'how much of the last step is kept' }),
    dampening: number({ default: 0, description: 'how much of the gradient is left out of the momentum' }),
    weightDecay: number({ default: 0, minimum: 0, description: 'L2 penalty, added to the gradient' }),
    nesterov: boolean({ default: false, description: 'look ahead along the momentum' }),
  },
  check: ({ nesterov, momentum, dampening }) =>
    nesterov && (momentum <= 0 || dampening !== 0)
      ? `nesterov needs a momentum greater than 0 and no dampening; momentum is ${momentum} and dampening ${dampening}`
      : undefined,
  init: (parameter, { momentum }): Record<string, Tensor> =>
    momentum === 0 ? {} : { momentumBuffer: zerosLike(parameter) },
  scalars: ({ lr, momentum, dampening, weightDecay }, step) => ({
    lr,
    momentum,
    // the first buffer is the gradient itself, and dampening belongs to momentum
    fresh: step === 1 || momentum === 0 ? 1 : 1 - dampening,
    weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars, options }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const buffer = state['momentumBuffer'];
    if (buffer === undefined) return { parameter: parameter.sub(g.mul(scalars.lr)), state: {} };
    const momentumBuffer = buffer.mul(scalars.momentum).add(g.mul(scalars.fresh));
    const direction = options.nesterov ? g.add(momentumBuffer.mul(scalars.momentum)) : momentumBuffer;
    return { parameter: parameter.sub(direction.mul(scalars.lr)), state: { momentumBuffer } };
  },
});
