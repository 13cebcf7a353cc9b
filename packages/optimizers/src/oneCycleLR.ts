import { boolean, choice, defineSchedule, KindlingError, number } from '@kindling/core';
import { anneal } from './common/anneal.js';
import { optionalInteger } from './common/optionalInteger.js';
import { ofGroup, perGroup } from './common/perGroup.js';

interface Plan {
  readonly totalSteps: number | undefined;
  readonly epochs: number | undefined;
  readonly stepsPerEpoch: number | undefined;
  readonly pctStart: number;
  readonly threePhase: boolean;
  readonly annealStrategy: 'cos' | 'linear';
}
function stepsOf({ totalSteps, epochs, stepsPerEpoch }: Plan): number | undefined {
  return totalSteps ?? (epochs === undefined || stepsPerEpoch === undefined ? undefined : epochs * stepsPerEpoch);
}

/** What goes from `start` to `top`, and then to `end` (with three phases, by way of `start`), after `epoch` steps. */
function along(plan: Plan, epoch: number, start: number, top: number, end: number): number {
  const total = stepsOf(plan)!;
  if (epoch > total)
    throw new KindlingError(`oneCycleLR: step ${epoch} was asked for, and the cycle has ${total} steps`);
  const rise = plan.pctStart * total - 1;
  const phases = plan.threePhase
    ? [[rise, start, top] as const, [2 * rise, top, start] as const, [total - 1, start, end] as const]
    : [[rise, start, top] as const, [total - 1, top, end] as const];
  let began = 0;
  for (const [i, [until, from, to]] of phases.entries()) {
    if (epoch <= until || i === phases.length - 1)
      // a phase of no length is over where it begins
      return until === began ? to : anneal(plan.annealStrategy, from, to, (epoch - began) / (until - began));
    began = until;
  }
  return end;
}

/**
 * One rise of the learning rate to `maxLr` and a long fall far below the start; the momentum does the opposite.
 *
 * `oneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 1000 })`, then `schedule.step()` after each batch. It starts from
 * maxLr / `divFactor`, rises during the part `pctStart` of the steps, and ends at the start / `finalDivFactor`; with
 * `threePhase` it first falls as symmetrically as it rose. `totalSteps` may be given as `epochs` and `stepsPerEpoch`.
 *
 * Defaults: `pctStart` 0.3, `annealStrategy` 'cos', `cycleMomentum` true, `baseMomentum` 0.85, `maxMomentum` 0.95,
 * `divFactor` 25, `finalDivFactor` 1e4, `threePhase` false. `maxLr` must be given, for all groups or as an array. The first of
 * `betas` is the momentum of optimizers that have them.
 *
 * Errors: no number of steps, more steps than that, an optimizer without momentum, arrays of another length than the groups.
 *
 * Source: PyTorch's `OneCycleLR`; Smith and Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large
 * Learning Rates".
 */
export const oneCycleLR = /* @__PURE__ */ defineSchedule({
  name: 'oneCycleLR',
  interval: 'step',
  options: {
    maxLr: perGroup({ default: 0, minimum: 0, description: 'the greatest learning rate' }),
    totalSteps: optionalInteger({ minimum: 1, description: 'steps of the whole cycle' }),
    epochs: optionalInteger({ minimum: 1, description: 'epochs, in place of totalSteps' }),
    stepsPerEpoch: optionalInteger({ minimum: 1, description: 'steps of an epoch, in place of totalSteps' }),
    pctStart: number({ default: 0.3, minimum: 0, maximum: 1, description: 'which part of the steps leads up' }),
    annealStrategy: choice(['cos', 'linear'], { default: 'cos', description: 'along half a cosine, or a line' }),
    cycleMomentum: boolean({ default: true, description: 'let the momentum fall while the learning rate rises' }),
    baseMomentum: perGroup({ default: 0.85, minimum: 0, description: 'the least momentum' }),
    maxMomentum: perGroup({ default: 0.95, minimum: 0, description: 'the greatest momentum' }),
    divFactor: number({ default: 25, exclusiveMinimum: 0, description: 'maxLr as part of this is the start' }),
    finalDivFactor: number({ default: 1e4, exclusiveMinimum: 0, description: 'the start as part of this is the end' }),
    threePhase: boolean({ default: false, description: 'fall as symmetrically as it rose before the end' }),
  },
  required: ['maxLr'],
  check: (plan) => (stepsOf(plan) === undefined ? 'give totalSteps, or epochs and stepsPerEpoch' : undefined),
  base: ({ index, options: { maxLr, divFactor } }) => ofGroup(maxLr, index) / divFactor,
  start: ({ baseLr, index, options }) =>
    along(options, 0, baseLr, ofGroup(options.maxLr, index), baseLr / options.finalDivFactor),
  next: ({ baseLr, epoch, index, options }) =>
    along(options, epoch, baseLr, ofGroup(options.maxLr, index), baseLr / options.finalDivFactor),
  momentum: ({ epoch, index, options }) => {
    if (!options.cycleMomentum) return undefined;
    const [least, greatest] = [ofGroup(options.baseMomentum, index), ofGroup(options.maxMomentum, index)];
    return along(options, epoch, greatest, least, greatest);
  },
});
