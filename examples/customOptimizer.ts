// An optimizer of one's own: sign descent with momentum. The rule is written for one parameter, as tensor mathematics;
// groups, saved state, schedules, and one kernel for all parameters come from the framework.
import { defineOptimizer, number, zerosLike } from '@kindling/core';

export const signum = /* @__PURE__ */ defineOptimizer({
  name: 'signum',
  options: {
    lr: number({ default: 1e-3, minimum: 0 }),
    momentum: number({ default: 0.9, minimum: 0, exclusiveMaximum: 1 }),
    weightDecay: number({ default: 0, minimum: 0 }),
  },
  init: (parameter) => ({ momentumBuffer: zerosLike(parameter) }),
  // arithmetic of numbers belongs here: in float64, every step, without compiling anything anew
  scalars: ({ lr, momentum, weightDecay }, step) => ({
    lr: lr / Math.sqrt(step),
    momentum,
    fresh: 1 - momentum,
    decay: 1 - lr * weightDecay,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const momentumBuffer = state.momentumBuffer.mul(scalars.momentum).add(gradient.mul(scalars.fresh));
    return {
      parameter: parameter.mul(scalars.decay).sub(momentumBuffer.sign().mul(scalars.lr)),
      state: { momentumBuffer },
    };
  },
});
