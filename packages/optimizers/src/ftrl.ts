import { defineOptimizer, fullLike, maximum, minimum, number, zerosLike } from '@kindling/core';

/**
 * FTRL-Proximal ("follow the regularised leader"), for large sparse linear models: with an L1 penalty, parameters become
 * exactly 0.
 *
 * With gradient g (−g for `maximize`), parameter θ, p = −`lrPower` and λ₂ = `l2` + `beta` / (2·lr):
 * - n' = n + g²
 * - z ← z + g + 2·`l2Shrinkage`·θ − (n'ᵖ − nᵖ) / lr · θ,  n ← n'
 * - θ ← (clip(z, −`l1`, `l1`) − z) / (nᵖ / lr + 2·λ₂)
 *
 * Defaults: `lr` 1e-3, `lrPower` −0.5, `initialAccumulatorValue` 0.1, `l1` 0, `l2` 0, `l2Shrinkage` 0, `beta` 0, `maximize`
 * false. State: `accumulator`, which starts as `initialAccumulatorValue`, and `linear`, each of the parameter's shape.
 *
 * Errors: an `lr` that is not positive, a positive `lrPower`, any of the others negative.
 *
 * Source: Keras's `Ftrl` (there `l1_regularization_strength` and so on); McMahan et al., "Ad Click Prediction: a View from
 * the Trenches".
 */
export const ftrl = /* @__PURE__ */ defineOptimizer({
  name: 'ftrl',
  options: {
    lr: number({ default: 1e-3, exclusiveMinimum: 0, description: 'learning rate' }),
    lrPower: number({ default: -0.5, maximum: 0, description: 'how the learning rate falls with the squares seen' }),
    initialAccumulatorValue: number({ default: 0.1, minimum: 0, description: 'what the sum of squares starts from' }),
    l1: number({ default: 0, minimum: 0, description: 'L1 penalty: makes parameters 0' }),
    l2: number({ default: 0, minimum: 0, description: 'L2 penalty: makes parameters small' }),
    l2Shrinkage: number({ default: 0, minimum: 0, description: 'L2 penalty of the loss: added to the gradient' }),
    beta: number({ default: 0, minimum: 0, description: 'makes the first steps shorter' }),
  },
  init: (parameter, { initialAccumulatorValue }) => ({
    accumulator: fullLike(parameter, initialAccumulatorValue),
    linear: zerosLike(parameter),
  }),
  scalars: ({ lr, lrPower, l1, l2, l2Shrinkage, beta }) => ({
    power: -lrPower,
    rate: 1 / lr,
    l1,
    minusL1: -l1,
    ridge: 2 * l2 + beta / lr,
    shrinkage: 2 * l2Shrinkage,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const { power, rate, ridge } = scalars;
    const accumulator = state.accumulator.add(gradient.mul(gradient));
    const [before, now] = [state.accumulator.pow(power), accumulator.pow(power)];
    const linear = state.linear
      .add(gradient.add(parameter.mul(scalars.shrinkage)))
      .sub(now.sub(before).mul(rate).mul(parameter));
    const clipped = minimum(maximum(linear, scalars.minusL1), scalars.l1);
    return { parameter: clipped.sub(linear).div(now.mul(rate).add(ridge)), state: { accumulator, linear } };
  },
});
