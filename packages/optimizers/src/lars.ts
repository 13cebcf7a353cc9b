import { boolean, defineOptimizer, number, zerosLike } from '@kindling/core';
import { coupledDecay, learningRate } from './common/options.js';
import { trustRatio } from './common/trustRatio.js';

/**
 * LARS: stochastic gradient descent whose step is a fixed part of the parameter's length, tensor by tensor, for training
 * with very large batches.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ, momentum μ and trust coefficient η:
 * - g ← g + λ·θ
 * - u = lr · η·‖θ‖ / (‖g‖ + eps) · g, the factor after lr being 1 where either length is 0
 * - b ← μ·b + u
 * - θ ← θ − b, or θ ← θ − (u + μ·b) with `nesterov`
 *
 * Defaults: `lr` 1, `momentum` 0.9, `weightDecay` 0, `trustCoefficient` 1e-3, `eps` 0, `nesterov` false, `maximize` false.
 * State: `momentumBuffer`, of the parameter's shape.
 *
 * Errors: any of them negative.
 *
 * Source: Optax's `lars`, which has no default learning rate; You, Gitman and Ginsburg, "Large Batch Training of
 * Convolutional Networks".
 */
export const lars = /* @__PURE__ */ defineOptimizer({
  name: 'lars',
  options: {
    lr: learningRate(1),
    momentum: number({ default: 0.9, minimum: 0, description: 'how much of the last step is kept' }),
    weightDecay: coupledDecay(),
    trustCoefficient: number({ default: 1e-3, minimum: 0, description: "a step's length as part of the parameter's" }),
    eps: number({ default: 0, minimum: 0, description: "added to the gradient's length" }),
    nesterov: boolean({ default: false, description: 'look ahead along the momentum' }),
  },
  init: (parameter) => ({ momentumBuffer: zerosLike(parameter) }),
  scalars: ({ lr, momentum, weightDecay, trustCoefficient, eps }) => ({
    lr,
    momentum,
    weightDecay,
    trustCoefficient,
    eps,
  }),
  update: ({ parameter, gradient, state, scalars, options: { nesterov } }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const step = g.mul(trustRatio(parameter, g, scalars.trustCoefficient, scalars.eps).mul(scalars.lr));
    const momentumBuffer = state.momentumBuffer.mul(scalars.momentum).add(step);
    const taken = nesterov ? momentumBuffer.mul(scalars.momentum).add(step) : momentumBuffer;
    return { parameter: parameter.sub(taken), state: { momentumBuffer } };
  },
});
