import { boolean, minimum, maximum, number, where, zeros, zerosLike } from '@kindling/core';
import { defineModelOptimizer } from '@kindling/core/modelScope';
import { runningMean } from './common/moments.js';
import { betas, epsilon, learningRate, optional } from './common/options.js';

/**
 * Prodigy: Adam that finds its learning rate by itself, from how far the parameters have come from where they began.
 *
 * With gradient g (−g for `maximize`), parameter θ that began as θ₀, d of the step before, γ = d·lr (times
 * √(1 − β₂ᵗ) / (1 − β₁ᵗ) for `useBiasCorrection`), weight decay λ and β₃ (√β₂ where undefined), sums over all parameters:
 * - g ← g + λ·θ unless `decouple`
 * - r ← β₃·r + d/d₀·γ·Σ g·(θ₀ − θ),  s ← β₃·s + d/d₀·γ·g (d/d₀·d·g for `safeguardWarmup`)
 * - m ← β₁·m + d·(1 − β₁)·g,  v ← β₂·v + d²·(1 − β₂)·g²
 * - d̂ = `dCoef`·r / Σ|s|;  d ← max(d, d̂) while d is still d₀;  d_max ← max(d_max, d̂);  d ← min(d_max, d·`growthRate`)
 * - θ ← θ − γ·λ·θ with `decouple`;  θ ← θ − γ·m / (√v + d·eps) with the new d in the denominator
 *
 * Leave `lr` at 1 and let a schedule change it; `dCoef` is what to try other values of.
 *
 * Defaults: `lr` 1, `betas` [0.9, 0.999], `beta3` undefined, `eps` 1e-8, `weightDecay` 0, `decouple` true,
 * `useBiasCorrection` false, `safeguardWarmup` false, `d0` 1e-6, `dCoef` 1, `growthRate` Infinity, `maximize` false. State:
 * `expAvg`, `expAvgSq`, `s` and `p0` (θ₀), each of the parameter's shape; of the model `d`, `dMax`, `dNumerator`, 0-d.
 *
 * All groups share d, and so `d0`, `dCoef`, `growthRate` and `betas` are those of the first. Errors: a negative `lr`, `eps` or
 * `weightDecay`, a `d0` that is not positive, a beta outside of [0, 1).
 *
 * Source: Mishchenko and Defazio, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner"; numbers as in the authors'
 * `prodigyopt`, with `slice_p` 1.
 */
export const prodigy = /* @__PURE__ */ defineModelOptimizer({
  name: 'prodigy',
  options: {
    lr: /* @__PURE__ */ learningRate(1),
    betas: /* @__PURE__ */ betas(0.9, 0.999),
    beta3: /* @__PURE__ */ optional(
      number({ default: 0, minimum: 0, exclusiveMaximum: 1 }),
      'how much of the running sums for d is kept; the root of the second beta where undefined',
    ),
    eps: /* @__PURE__ */ epsilon(1e-8),
    weightDecay: /* @__PURE__ */ number({ default: 0, minimum: 0, description: 'how strongly parameters shrink' }),
    decouple: /* @__PURE__ */ boolean({ default: true, description: 'decay beside the gradient, as adamw does' }),
    useBiasCorrection: /* @__PURE__ */ boolean({ default: false, description: "Adam's correction for its start at 0" }),
    safeguardWarmup: /* @__PURE__ */ boolean({
      default: false,
      description: 'leave the learning rate out of the estimate, for schedules that begin low',
    }),
    d0: /* @__PURE__ */ number({ default: 1e-6, exclusiveMinimum: 0, description: 'the first estimate of d' }),
    dCoef: /* @__PURE__ */ number({ default: 1, exclusiveMinimum: 0, description: 'multiplies the estimate of d' }),
    growthRate: /* @__PURE__ */ number({
      default: Infinity,
      minimum: 1,
      description: 'the most that d grows in a step',
    }),
  },
  init: (parameter) => ({
    expAvg: zerosLike(parameter),
    expAvgSq: zerosLike(parameter),
    s: zerosLike(parameter),
    p0: parameter.detach(),
  }),
  scalars: (
    { lr, betas: [beta1, beta2], beta3, eps, weightDecay, useBiasCorrection, d0, dCoef, growthRate },
    step,
  ) => ({
    rate: useBiasCorrection ? (lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step) : lr,
    on: lr > 0 ? 1 : 0,
    keep1: beta1,
    fresh1: 1 - beta1,
    keep2: beta2,
    fresh2: 1 - beta2,
    keep3: beta3 ?? Math.sqrt(beta2),
    eps,
    weightDecay,
    d0,
    dCoef,
    growthRate,
  }),
  shared: ([{ parameter, options }]) => {
    const { dtype } = parameter;
    const d = zeros([], { dtype }).add(options.d0);
    return { d, dMax: d, dNumerator: zeros([], { dtype }) };
  },
  update: ({ members, shared, total }) => {
    const { d } = shared;
    const [{ scalars: first }] = members;
    const relative = d.div(first.d0);
    const parts = members.map(({ parameter, gradient, state, scalars, options }) => {
      const g = options.decouple ? gradient : gradient.add(parameter.mul(scalars.weightDecay));
      const rate = d.mul(scalars.rate);
      const share = relative.mul(options.safeguardWarmup ? d : rate);
      // a group that stands still takes no part, and its running sums stay
      const moving = scalars.on.gt(0);
      const s = where(moving, runningMean(state.s, g, scalars.keep3, share), state.s);
      const expAvg = runningMean(state.expAvg, g, scalars.keep1, d.mul(scalars.fresh1));
      const expAvgSq = runningMean(state.expAvgSq, g.mul(g), scalars.keep2, d.mul(d).mul(scalars.fresh2));
      return {
        rate,
        state: {
          expAvg: where(moving, expAvg, state.expAvg),
          expAvgSq: where(moving, expAvgSq, state.expAvgSq),
          s,
          p0: state.p0,
        },
        progress: where(moving, g.mul(state.p0.sub(parameter)).sum().mul(relative.mul(rate)), 0),
        length: where(moving, s.abs().sum(), 0),
      };
    });
    const partOf = new Map(members.map((m, i) => [m, parts[i]]));
    const numerator = shared.dNumerator.mul(first.keep3).add(total((m) => partOf.get(m)!.progress));
    const length = total((m) => partOf.get(m)!.length);
    // where all gradients have been 0 there is nothing to learn from
    const known = length.gt(0);
    const estimate = first.dCoef.mul(numerator).div(where(known, length, 1));
    const begun = where(d.eq(first.d0), maximum(d, estimate), d);
    const dMax = maximum(shared.dMax, estimate);
    const next = {
      d: where(known, minimum(dMax, begun.mul(first.growthRate)), d),
      dMax: where(known, dMax, shared.dMax),
      dNumerator: where(known, numerator, shared.dNumerator),
    };
    return {
      members: members.map(({ parameter, scalars, options }, i) => {
        const { rate, state } = parts[i];
        const start = options.decouple ? parameter.sub(parameter.mul(rate.mul(scalars.weightDecay))) : parameter;
        const step = state.expAvg.div(state.expAvgSq.sqrt().add(next.d.mul(scalars.eps))).mul(rate);
        return { parameter: where(known, start.sub(step), parameter), state };
      }),
      shared: next,
    };
  },
});
