import { KindlingError } from '@kindling/core';
import { loadAll } from './common/loadAll.js';
import type { Schedule, ScheduleState } from './common/schedule.js';

/**
 * Several schedules of one optimizer at once: each step steps all of them, in order, and each changes what the one before
 * left.
 *
 * `chainedScheduler([constantLR(optimizer), exponentialLR(optimizer, { gamma: 0.9 })])`, then `schedule.step()`. Those that
 * set the learning rate rather than change it (`lambdaLR`, `cyclicLR`, `oneCycleLR`, `cosineAnnealingWarmRestarts`) should
 * come first.
 *
 * Errors: no schedules. Source: PyTorch's `ChainedScheduler`.
 */
export function chainedScheduler(schedules: readonly Schedule[]): Schedule {
  const [first] = schedules;
  if (first === undefined) throw new KindlingError('chainedScheduler: there are no schedules to chain');
  return {
    scheduleName: 'chainedScheduler',
    get lastEpoch() {
      return first.lastEpoch;
    },
    get lastLr() {
      return first.lastLr;
    },
    step: () => schedules.forEach((schedule) => schedule.step()),
    restart: () => schedules.forEach((schedule) => schedule.restart()),
    stateDict: () => ({ ...first.stateDict(), schedules: schedules.map((schedule) => schedule.stateDict()) }),
    loadStateDict: (state: ScheduleState) => loadAll('chainedScheduler', schedules, state),
  };
}
