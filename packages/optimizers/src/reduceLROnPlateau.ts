import { choice, type Given, integer, KindlingError, number, type Optimizer, optionsSchema } from '@kindling/core';
import {
  checkState,
  initialLr,
  ofGroup,
  perGroup,
  type Schedule,
  scheduleOptions,
  type ScheduleState,
} from './common/schedule.js';

/** A schedule that is told how well it goes. */
export interface PlateauSchedule extends Omit<Schedule, 'step'> {
  /** To be called after each evaluation, with the number that should fall (or rise). */
  step(metric: number): void;
}

const name = 'reduceLROnPlateau';
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
 * an array), `eps` 1e-8. Errors: a `factor` of 1 or more, any of the others negative, a metric that is no number.
 *
 * Source: PyTorch's `ReduceLROnPlateau`.
 */
export const reduceLROnPlateau = /* @__PURE__ */ (() => {
  const schema = optionsSchema(options);
  const factory = (optimizer: Optimizer, given: Given<typeof options> = {}): PlateauSchedule => {
    const o = scheduleOptions(name, schema, given, []);
    const { groups } = optimizer;
    if (Array.isArray(o.minLr) && o.minLr.length !== groups.length)
      throw new KindlingError(
        `${name}: minLr has ${o.minLr.length} values, and the optimizer has ${groups.length} groups`,
      );
    let baseLrs: readonly number[] = groups.map(initialLr);
    const worst = o.mode === 'min' ? Infinity : -Infinity;
    let [lastEpoch, best, bad, cooling] = [0, worst, 0, 0];
    const improves = (metric: number): boolean => {
      const sign = o.mode === 'min' ? -1 : 1;
      const goal = o.thresholdMode === 'rel' ? best * (1 + sign * o.threshold) : best + sign * o.threshold;
      return o.mode === 'min' ? metric < goal : metric > goal;
    };
    return {
      scheduleName: name,
      get lastEpoch() {
        return lastEpoch;
      },
      get lastLr() {
        return groups.map((group) => group.lr);
      },
      step(metric) {
        if (typeof metric !== 'number')
          throw new KindlingError(`${name}: step needs the metric, a number, got ${String(metric)}`);
        lastEpoch += 1;
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
      restart() {
        [lastEpoch, best, bad, cooling] = [0, worst, 0, 0];
        groups.forEach((group, i) => (group.lr = baseLrs[i]));
      },
      stateDict: () => ({
        lastEpoch,
        baseLrs,
        lastLr: groups.map((group) => group.lr),
        // a file has no infinity
        own: { bad, cooling, ...(best === worst ? {} : { best }) },
      }),
      loadStateDict(state: ScheduleState) {
        checkState(name, state, groups);
        lastEpoch = state.lastEpoch;
        baseLrs = [...state.baseLrs];
        best = state.own?.['best'] ?? worst;
        bad = state.own?.['bad'] ?? 0;
        cooling = state.own?.['cooling'] ?? 0;
        groups.forEach((group, i) => (group.lr = state.lastLr[i]!));
      },
    };
  };
  return Object.assign(factory, { kind: 'schedule' as const, scheduleName: name, schema });
})();
