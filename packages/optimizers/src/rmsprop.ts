import { boolean, defineOptimizer, number, type Tensor, zerosLike } from '@kindling/core';

/**
 * RMSprop: steps along the gradient, divided by the root of the running mean of its square.
 *
 * With gradient g (−g for `maximize`), parameter θ, weight decay λ, smoothing α and momentum μ:
 * - g ← g + λ·θ
 * - v ← α·v + (1 − α)·g²
 * - u = g / (√v + eps), or for `centered` g / (√(v − ḡ²) + eps), with ḡ ← α·ḡ + (1 − α)·g
 * - θ ← θ − lr·u, or with momentum b ← μ·b + u, θ ← θ − lr·b
 *
 * Defaults: `lr` 1e-2, `alpha` 0.99, `eps` 1e-8, `weightDecay` 0, `momentum` 0, `centered` false, `maximize` false. State:
 * `squareAvg`, for `centered` `gradAvg`, and with momentum `momentumBuffer`, each of the parameter's shape. Whether it is
 * centered and has momentum is settled at a parameter's first step.
 *
 * Errors: a negative `lr`, `alpha`, `eps`, `weightDecay` or `momentum`.
 *
 * Source: PyTorch's `RMSprop` (eps outside of the root); Tieleman and Hinton, lecture 6.5 of "Neural Networks for Machine
 * Learning"; Graves, "Generating Sequences With Recurrent Neural Networks" for `centered`.
 */
export const rmsprop = /* @__PURE__ */ defineOptimizer({
  name: 'rmsprop',
  options: {
    lr: number({ default: 1e-2, minimum: 0, description: 'learning rate' }),
    alpha: number({ default: 0.99, minimum: 0, description: 'how much of the running means is kept at a step' }),
    eps: number({ default: 1e-8, minimum: 0, description: 'added to the denominator' }),
    weightDecay: number({ default: 0, minimum: 0, description: 'L2 penalty, added to the gradient' }),
    momentum: number({ default: 0, minimum: 0, description: 'how much of the last step is kept' }),
    centered: boolean({ default: false, description: "divide by the gradient's standard deviation" }),
  },
  init: (parameter, { momentum, centered }): Record<string, Tensor> => ({
    squareAvg: zerosLike(parameter),
    ...(centered ? { gradAvg: zerosLike(parameter) } : {}),
    ...(momentum === 0 ? {} : { momentumBuffer: zerosLike(parameter) }),
  }),
  scalars: ({ lr, alpha, eps, weightDecay, momentum }) => ({
    lr,
    keep: alpha,
    fresh: 1 - alpha,
    eps,
    weightDecay,
    momentum,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const g = gradient.add(parameter.mul(scalars.weightDecay));
    const squareAvg = state['squareAvg'].mul(scalars.keep).add(g.mul(g).mul(scalars.fresh));
    const next: Record<string, Tensor> = { squareAvg };
    let variance = squareAvg;
    const mean = state['gradAvg'];
    if (mean !== undefined) {
      const gradAvg = mean.mul(scalars.keep).add(g.mul(scalars.fresh));
      next['gradAvg'] = gradAvg;
      variance = squareAvg.sub(gradAvg.mul(gradAvg));
    }
    let direction = g.div(variance.sqrt().add(scalars.eps));
    const buffer = state['momentumBuffer'];
    if (buffer !== undefined) {
      direction = buffer.mul(scalars.momentum).add(direction);
      next['momentumBuffer'] = direction;
    }
    return { parameter: parameter.sub(direction.mul(scalars.lr)), state: next };
  },
});
