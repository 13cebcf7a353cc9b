import { boolean, number } from '@kindling/core';
import { defineOptimizerWrapper } from '@kindling/core/modelScope';
import { sgd } from './sgd.js';

/**
 * Sharpness-aware minimisation: the gradient of each step is that of the worst point nearby, so that training prefers
 * flat minima. It goes around any optimizer, and a step costs two passes.
 *
 * With gradient g and parameter θ, over all parameters together:
 * - e = `rho`·g / (‖g‖ + 1e-12); for `adaptive` e = `rho`·θ²·g / (‖|θ|·g‖ + 1e-12)
 * - the wrapped optimizer steps from θ along the gradient at θ + e
 *
 * `const optimizer = sam(sgd(model.parameters(), { lr: 0.1, momentum: 0.9 }), { rho: 0.05 })`, then
 * `optimizer.step(closure)`: the closure clears the gradients, computes the loss, calls `backward` and returns the loss. A
 * compiled function can contain it. Batch norms see both passes, as in the authors' code.
 *
 * `sam(model.parameters(), { lr: 0.1, momentum: 0.9, rho: 0.05 })` is the same: without another optimizer it goes around `sgd`,
 * whose options it has, too.
 *
 * Defaults: `rho` 0.05, `adaptive` false; for the latter a `rho` ten times as large is usual. There is no state beside
 * that of the wrapped optimizer, whose groups, schedules and `maximize` hold.
 *
 * Errors: a negative `rho`; a step without a closure.
 *
 * Source: Foret et al., "Sharpness-Aware Minimization for Efficiently Improving Generalization"; Kwon et al., "ASAM:
 * Adaptive Sharpness-Aware Minimization for Scale-Invariant Learning of Deep Neural Networks" for `adaptive`; numbers as
 * in davda54/sam.
 */
export const sam = /* @__PURE__ */ defineOptimizerWrapper({
  name: 'sam',
  base: sgd,
  options: {
    rho: /* @__PURE__ */ number({ default: 0.05, minimum: 0, description: 'how far the worst point nearby may be' }),
    adaptive: /* @__PURE__ */ boolean({ default: false, description: 'measure distances in units of the parameters' }),
  },
  closure: true,
  when: 'before',
  init: () => ({}),
  scalars: ({ rho }) => ({ rho }),
  update: ({ members, total, evaluate, baseStep }) => {
    const squares = total(({ parameter, gradient, options }) => {
      const g = options.adaptive ? parameter.abs().mul(gradient) : gradient;
      return g.mul(g).sum();
    });
    const length = squares.sqrt().add(1e-12);
    const worst = members.map(({ parameter, gradient, scalars, options }) => {
      const e = gradient.mul(scalars.rho.div(length).to(gradient.dtype));
      return parameter.add(options.adaptive ? parameter.mul(parameter).mul(e) : e);
    });
    evaluate(worst);
    baseStep();
    return { members: members.map(() => ({ state: {} })) };
  },
});
