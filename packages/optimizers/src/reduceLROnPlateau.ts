import { choice, defineSchedule, integer, number, type Schedule } from '@kindling/core';
import { ofGroup, perGroup } from './common/perGroup.js';

/** A schedule that is told how well it goes. */
export interface PlateauSchedule extends Schedule {
  /** To be called after each evaluation, with the number that should fall (or rise). */
  step(metric: number): void;
}

const options = {
  mode: choice(['min', 'max'], {
    default: 'min',
    description: 'whether the metric should fall or rise',
  }),
  factor: number({
    default: 0.1,
    minimum: 0,
    exclusiveMaximum: 1,
    description: 'what the learning rate is multiplied by',
  }),
  patience: integer({
    default: 10,
    minimum: 0,
    description: 'how many steps without an improvement are allowed',
  }),
  threshold: number({ default: 1e-4, minimum: 0, description: 'what counts as an improvement' }),
  thresholdMode: choice(['rel', 'abs'], {
    default: 'rel',
    description: 'as part of the best, or as it is',
  }),
  cooldown: integer({
    default: 0,
    minimum: 0,
    description: 'steps after a reduction that do not count',
  }),
  minLr: perGroup({ default: 0, minimum: 0, description: 'the least learning rate' }),
  eps: number({ default: 1e-8, minimum: 0, description: 'smaller changes are not made' }),
};

/**
 * Multiplies the learning rate by `factor` when a metric has not improved for more than `patience` steps.
 *
 * `reduceLROnPlateau(optimizer)`, then `schedule.step(validationLoss)` after each evaluation. An improvement is a metric below
 * best·(1 − threshold), or below best − threshold for `thresholdMode` 'abs'; above for `mode` 'max'. NaN is none.
 *
 * Defaults: `mode` 'min', `factor` 0.1, `patience` 10, `threshold` 1e-4, `thresholdMode` 'rel', `cooldown` 0, `minLr` 0 (also
 * an array), `eps` 1e-8. Errors: a `factor` of 1 or more, any of the others negative, a step without the number.
 *
 * Source: PyTorch's `ReduceLROnPlateau`.
 */
export const reduceLROnPlateau = /* @__PURE__ */ defineSchedule<
  'reduceLROnPlateau',
  typeof options,
  never,
  PlateauSchedule
>({
  name: 'reduceLROnPlateau',
  options,
  create(groups, o, baseLrs) {
    const worst = o.mode === 'min' ? Infinity : -Infinity;
    let [best, bad, cooling] = [worst, 0, 0];
    const improves = (metric: number): boolean => {
      const sign = o.mode === 'min' ? -1 : 1;
      const goal = o.thresholdMode === 'rel' ? best * (1 + sign * o.threshold) : best + sign * o.threshold;
      return o.mode === 'min' ? metric < goal : metric > goal;
    };
    return {
      monitors: o.mode,
      start(restarted) {
        [best, bad, cooling] = [worst, 0, 0];
        if (restarted) groups.forEach((group, i) => (group.lr = baseLrs()[i]));
      },
      step(_epoch, value) {
        const metric = value!; // who monitors is given it
        if (improves(metric)) [best, bad] = [metric, 0];
        else bad += 1;
        if (cooling > 0) [cooling, bad] = [cooling - 1, 0];
        if (bad <= o.patience) return;
        groups.forEach((group, i) => {
          const lr = Math.max(group.lr * o.factor, ofGroup(o.minLr, i));
          if (group.lr - lr > o.eps) group.lr = lr;
        });
        [cooling, bad] = [o.cooldown, 0];
      },
      // a file has no infinity
      save: () => ({ bad, cooling, ...(best === worst ? {} : { best }) }),
      load: (own) => ([best, bad, cooling] = [own['best'] ?? worst, own['bad'] ?? 0, own['cooling'] ?? 0]),
    };
  },
});
