import { defineOptimizer, fullLike, number } from '@kindling/core';
import { coupledDecay, epsilon, learningRate } from './common/options.js';

/**
 * Adagrad: steps along the gradient, divided by the root of the sum of all its squares.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ and step t = 1, 2, …:
 * - g ← g + λ·θ
 * - s ← s + g²
 * - θ ← θ − lr / (1 + (t − 1)·lrDecay) · g / (√s + eps)
 *
 * Defaults: `lr` 1e-2, `lrDecay` 0, `weightDecay` 0, `initialAccumulatorValue` 0, `eps` 1e-10, `maximize` false. State: `sum`,
 * of the parameter's shape, which starts as `initialAccumulatorValue`.
 *
 * Errors: any of them negative.
 *
 * Source: PyTorch's `Adagrad`; Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic
 * Optimization".
 */
export const adagrad = /* @__PURE__ */ defineOptimizer({
  name: 'adagrad',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-2),
    lrDecay: number({ default: 0, minimum: 0, description: 'how fast the learning rate falls' }),
    weightDecay: /* @__PURE__ */ coupledDecay(),
    initialAccumulatorValue: number({ default: 0, minimum: 0, description: 'what the sum of squares starts from' }),
    eps: /* @__PURE__ */ epsilon(1e-10),
  },
  init: (parameter, { initialAccumulatorValue }) => ({ sum: fullLike(parameter, initialAccumulatorValue) }),
  scalars: ({ lr, lrDecay, weightDecay, eps }, step) => ({
    stepSize: lr / (1 + (step - 1) * lrDecay),
    weightDecay,
    eps,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const sum = state.sum.add(g.mul(g));
    const step = g.div(sum.sqrt().add(scalars.eps)).mul(scalars.stepSize);
    return { parameter: parameter.sub(step), state: { sum } };
  },
});
