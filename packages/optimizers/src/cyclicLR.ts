import { boolean, choice, code, defineSchedule, number } from '@kindling/core';
import { ofGroup, perGroup } from './common/perGroup.js';
import { optionalInteger } from './common/optionalInteger.js';

interface Cycle {
  readonly mode: 'triangular' | 'triangular2' | 'exp_range';
  readonly gamma: number;
  readonly stepSizeUp: number;
  readonly stepSizeDown: number | undefined;
  readonly scaleFn: ((x: number) => number) | undefined;
  readonly scaleMode: 'cycle' | 'iterations';
}

/** How far up it is, from 0 to 1, times what the cycle or the step scales it by. */
function height(
  { mode, gamma, stepSizeUp, stepSizeDown = stepSizeUp, scaleFn, scaleMode }: Cycle,
  epoch: number,
): number {
  const total = stepSizeUp + stepSizeDown;
  const cycle = Math.floor(1 + epoch / total);
  const x = 1 + epoch / total - cycle;
  const top = stepSizeUp / total;
  const up = x <= top ? x / top : (x - 1) / (top - 1);
  if (scaleFn !== undefined) return up * scaleFn(scaleMode === 'cycle' ? cycle : epoch);
  if (mode === 'triangular') return up;
  return up * (mode === 'triangular2' ? 0.5 ** (cycle - 1) : gamma ** epoch);
}

/**
 * Lets the learning rate rise from `baseLr` to `maxLr` in `stepSizeUp` steps and fall again in `stepSizeDown`, over and over;
 * the momentum does the opposite.
 *
 * `cyclicLR(optimizer, { baseLr: 0.01, maxLr: 0.1 })`, then `schedule.step()` after each batch. `mode` 'triangular' keeps the
 * height, 'triangular2' halves it at each cycle, 'exp_range' multiplies it by γ at each step; `scaleFn` in their place
 * gives a factor for the number of the cycle (1, 2, …) or of the step (`scaleMode`).
 *
 * Defaults: `stepSizeUp` 2000, `stepSizeDown` as `stepSizeUp`, `mode` 'triangular', `gamma` 1, no `scaleFn`, `scaleMode`
 * 'cycle', `cycleMomentum` true, `baseMomentum` 0.8, `maxMomentum` 0.9. `baseLr` and `maxLr` must be given, for all groups
 * or as arrays. The first of `betas` is the momentum of optimizers that have them.
 *
 * Errors: an optimizer without momentum, arrays of another length than the groups, a `stepSizeUp` that is not positive.
 *
 * Source: PyTorch's `CyclicLR`; Smith, "Cyclical Learning Rates for Training Neural Networks".
 */
export const cyclicLR = /* @__PURE__ */ defineSchedule({
  name: 'cyclicLR',
  interval: 'step',
  options: {
    baseLr: perGroup({ default: 0, minimum: 0, description: 'the least learning rate' }),
    maxLr: perGroup({ default: 0, minimum: 0, description: 'the greatest learning rate' }),
    stepSizeUp: number({ default: 2000, exclusiveMinimum: 0, description: 'steps of the way up' }),
    stepSizeDown: optionalInteger({ minimum: 0, description: 'steps of the way down; as up where not given' }),
    mode: choice(['triangular', 'triangular2', 'exp_range'], {
      default: 'triangular',
      description: 'whether cycles become lower: not, by half at each, or by gamma at each step',
    }),
    gamma: number({ default: 1, description: 'what the height is multiplied by at each step in exp_range' }),
    scaleFn: code<((x: number) => number) | undefined>({ default: undefined, description: 'in place of mode' }),
    scaleMode: choice(['cycle', 'iterations'], { default: 'cycle', description: 'what scaleFn is given' }),
    cycleMomentum: boolean({ default: true, description: 'let the momentum fall while the learning rate rises' }),
    baseMomentum: perGroup({ default: 0.8, minimum: 0, description: 'the least momentum' }),
    maxMomentum: perGroup({ default: 0.9, minimum: 0, description: 'the greatest momentum' }),
  },
  required: ['baseLr', 'maxLr'],
  base: ({ index, options: { baseLr } }) => ofGroup(baseLr, index),
  start: ({ baseLr, index, options }) => baseLr + (ofGroup(options.maxLr, index) - baseLr) * height(options, 0),
  next: ({ baseLr, epoch, index, options }) =>
    baseLr + (ofGroup(options.maxLr, index) - baseLr) * height(options, epoch),
  momentum: ({ epoch, index, options }) => {
    if (!options.cycleMomentum) return undefined;
    const [least, greatest] = [ofGroup(options.baseMomentum, index), ofGroup(options.maxMomentum, index)];
    return greatest - (greatest - least) * height(options, epoch);
  },
});
