import { defineOptimizer, where, zerosLike } from '@kindling/core';
import { decayed } from './common/decayed.js';
import { momentScalars, nextMoments } from './common/moments.js';
import { betas, coupledDecay, decayIsDecoupled, epsilon, learningRate } from './common/options.js';

/**
 * RAdam: Adam that trusts its second moment only when it has seen enough.
 *
 * With gradient g, parameter θ, weight decay λ, step t = 1, 2, …, ρ∞ = 2 / (1 − β₂) − 1 and
 * ρ = ρ∞ − 2·t·β₂ᵗ / (1 − β₂ᵗ):
 * - g ← g + λ·θ, or with `decoupledWeightDecay` θ ← θ·(1 − lr·λ)
 * - m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  m̂ = m / (1 − β₁ᵗ)
 * - ρ > 5: θ ← θ − lr · m̂ · r · √(1 − β₂ᵗ) / (√v + eps), r = √((ρ − 4)·(ρ − 2)·ρ∞ / ((ρ∞ − 4)·(ρ∞ − 2)·ρ))
 * - else: θ ← θ − lr · m̂
 *
 * Defaults: `lr` 1e-3, `betas` [0.9, 0.999], `eps` 1e-8, `weightDecay` 0, `decoupledWeightDecay` false, `maximize` false.
 * State: `expAvg` and `expAvgSq`, each of the parameter's shape.
 *
 * Errors: a negative `lr`, `eps` or `weightDecay`, a beta outside of [0, 1).
 *
 * Source: PyTorch's `RAdam`; Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond".
 */
export const radam = /* @__PURE__ */ defineOptimizer({
  name: 'radam',
  options: {
    lr: /* @__PURE__ */ learningRate(1e-3),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ coupledDecay(),
    decoupledWeightDecay: /* @__PURE__ */ decayIsDecoupled(),
  },
  init: (parameter) => ({ expAvg: zerosLike(parameter), expAvgSq: zerosLike(parameter) }),
  scalars: ({ lr, betas, eps, weightDecay }, step) => {
    const moments = momentScalars(betas, step);
    const longest = 2 / (1 - betas[1]) - 1;
    const length = longest - 2 * step * betas[1] ** step * moments.correct2;
    const trusted = length > 5;
    const rectification = ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length);
    return {
      ...moments,
      trusted: trusted ? 1 : 0,
      plain: lr * moments.correct1,
      adaptive: trusted ? lr * moments.correct1 * Math.sqrt(rectification / moments.correct2) : 0,
      eps,
      weightDecay,
      shrink: 1 - lr * weightDecay,
    };
  },
  update: ({ parameter, gradient, state, scalars, options: { decoupledWeightDecay } }) => {
    const [start, g] = decayed(parameter, gradient, scalars, decoupledWeightDecay);
    const { expAvg, expAvgSq } = nextMoments(state, g, scalars);
    const adaptive = expAvg.div(expAvgSq.sqrt().add(scalars.eps)).mul(scalars.adaptive);
    const step = where(scalars.trusted.gt(0), adaptive, expAvg.mul(scalars.plain));
    return { parameter: start.sub(step), state: { expAvg, expAvgSq } };
  },
});
