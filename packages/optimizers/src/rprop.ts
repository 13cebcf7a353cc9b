import { defineOptimizer, maximum, minimum, tuple, where, zerosLike } from '@kindling/core';
import { learningRate } from './common/options.js';

/**
 * Rprop: steps by the sign of the gradient alone, each element with a length of its own, that grows while the sign stays
 * and shrinks when it turns. For gradients of the whole data, not of batches.
 *
 * With gradient g (−g for `maximize`), the one before g', parameter θ and lengths Δ, which start as `lr`:
 * - Δ ← Δ·η⁺ where g·g' > 0, Δ·η⁻ where it is < 0, within `stepSizes`
 * - g ← 0 where g·g' < 0
 * - θ ← θ − Δ·sign(g)
 *
 * Defaults: `lr` 1e-2, `etas` [0.5, 1.2], `stepSizes` [1e-6, 50], `maximize` false. State: `prev` and `stepSize`, each of the
 * parameter's shape. After a parameter's first step its `lr` has no meaning.
 *
 * Errors: a negative `lr`, `etas` that are not below and above 1, `stepSizes` that are not in order.
 *
 * Source: PyTorch's `Rprop`; Riedmiller and Braun, "A direct adaptive method for faster backpropagation learning: The RPROP
 * algorithm".
 */
export const rprop = /* @__PURE__ */ defineOptimizer({
  name: 'rprop',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-2),
    etas: tuple({ default: [0.5, 1.2], exclusiveMinimum: 0, description: 'by what a length shrinks and grows' }),
    stepSizes: tuple({ default: [1e-6, 50], minimum: 0, description: 'the least and the greatest length' }),
  },
  check: ({ etas: [down, up], stepSizes: [least, greatest] }) => {
    if (!(down < 1 && up > 1)) return `etas must be below and above 1, got ${down} and ${up}`;
    return least <= greatest ? undefined : `stepSizes must be in order, got ${least} and ${greatest}`;
  },
  init: (parameter) => ({ prev: zerosLike(parameter), stepSize: zerosLike(parameter) }),
  scalars: ({ lr, etas: [down, up], stepSizes: [least, greatest] }, step) => ({
    // set here and not in `init`: a number read there would be part of the program
    first: step === 1 ? lr : 0,
    down,
    up,
    least,
    greatest,
  }),
  update: ({ parameter, gradient, state, scalars }) => {
    const turn = gradient.mul(state.prev);
    const turned = turn.lt(0);
    const length = state.stepSize.add(scalars.first);
    const changed = where(turned, length.mul(scalars.down), where(turn.gt(0), length.mul(scalars.up), length));
    const stepSize = minimum(maximum(changed, scalars.least), scalars.greatest);
    const prev = where(turned, 0, gradient);
    return { parameter: parameter.sub(prev.sign().mul(stepSize)), state: { prev, stepSize } };
  },
});
