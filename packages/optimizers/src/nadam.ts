import { defineOptimizer, number, ones, zerosLike } from '@kindling/core';
import { decayed } from './common/decayed.js';
import { momentScalars, nextMoments } from './common/moments.js';
import { betas, coupledDecay, decayIsDecoupled, epsilon, learningRate } from './common/options.js';

/**
 * NAdam: Adam that looks ahead along its momentum, as Nesterov's.
 *
 * With gradient g, parameter θ, weight decay λ, momentum decay ψ, step t = 1, 2, … and μ_t = β₁·(1 − ½·0.96^(t·ψ)):
 * - g ← g + λ·θ, or with `decoupledWeightDecay` θ ← θ·(1 − lr·λ)
 * - m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²
 * - m̂ = μ_{t+1}·m / (1 − μ₁⋯μ_{t+1}) + (1 − μ_t)·g / (1 − μ₁⋯μ_t)
 * - θ ← θ − lr · m̂ / (√(v / (1 − β₂ᵗ)) + eps)
 *
 * Defaults: `lr` 2e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `momentumDecay` 4e-3, `decoupledWeightDecay` false,
 * `maximize` false. State: `expAvg` and `expAvgSq` of the parameter's shape, `muProduct` of shape [].
 *
 * Errors: a negative `lr`, `eps`, `weightDecay` or `momentumDecay`, a beta outside of [0, 1).
 *
 * Source: PyTorch's `NAdam`; Dozat, "Incorporating Nesterov Momentum into Adam". PyTorch up to 1.13 counted μ_t twice in the
 * first product.
 */
export const nadam = /* @__PURE__ */ defineOptimizer({
  name: 'nadam',
  options: {
    lr: /* @__PURE__ */ learningRate(2e-3),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ coupledDecay(),
    momentumDecay: number({ default: 4e-3, minimum: 0, description: 'how fast the momentum warms up' }),
    decoupledWeightDecay: /* @__PURE__ */ decayIsDecoupled(),
  },
  init: (parameter) => ({
    expAvg: zerosLike(parameter),
    expAvgSq: zerosLike(parameter),
    muProduct: ones([], { dtype: parameter.dtype }),
  }),
  scalars: ({ lr, betas, eps, weightDecay, momentumDecay }, step) => {
    const mu = (t: number): number => betas[0] * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    return {
      ...momentScalars(betas, step),
      mu: mu(step),
      muNext: mu(step + 1),
      gradientStep: lr * (1 - mu(step)),
      momentumStep: lr * mu(step + 1),
      eps,
      weightDecay,
      shrink: 1 - lr * weightDecay,
    };
  },
  update: ({ parameter, gradient, state, scalars, options: { decoupledWeightDecay } }) => {
    const [start, g] = decayed(parameter, gradient, scalars, decoupledWeightDecay);
    const { expAvg, expAvgSq } = nextMoments(state, g, scalars);
    const muProduct = state.muProduct.mul(scalars.mu);
    const ofGradient = scalars.gradientStep.div(muProduct.neg().add(1));
    const ofMomentum = scalars.momentumStep.div(muProduct.mul(scalars.muNext).neg().add(1));
    const denominator = expAvgSq.mul(scalars.correct2).sqrt().add(scalars.eps);
    const step = g.mul(ofGradient).add(expAvg.mul(ofMomentum)).div(denominator);
    return { parameter: start.sub(step), state: { expAvg, expAvgSq, muProduct } };
  },
});
