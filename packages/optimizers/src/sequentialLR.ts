import { KindlingError, type Optimizer } from '@kindling/core';
import { loadAll } from './common/loadAll.js';
import { initialLr, type Schedule, type ScheduleState } from './common/schedule.js';

/**
 * Several schedules of one optimizer one after another: at each milestone the next begins, at its own start.
 *
 * `sequentialLR(optimizer, { schedules: [linearLR(optimizer), cosineAnnealingLR(optimizer, { tMax: 95 })], milestones: [5] })`
 * is a warm-up and a fall, then `schedule.step()` after each epoch.
 *
 * Errors: milestones that do not increase, or that are not one fewer than the schedules.
 *
 * Source: PyTorch's `SequentialLR`. Making it puts the learning rates back to those before any schedule, and starts the first.
 */
export function sequentialLR(
  optimizer: Optimizer,
  { schedules, milestones }: { readonly schedules: readonly Schedule[]; readonly milestones: readonly number[] },
): Schedule {
  const { groups } = optimizer;
  const [first] = schedules;
  if (first === undefined) throw new KindlingError('sequentialLR: there are no schedules');
  if (milestones.length !== schedules.length - 1)
    throw new KindlingError(
      `sequentialLR: ${schedules.length} schedules have ${schedules.length - 1} milestones between them, and ` +
        `${milestones.length} were given`,
    );
  if (milestones.some((m, i) => !Number.isInteger(m) || m < 1 || (i > 0 && m <= milestones[i - 1])))
    throw new KindlingError(`sequentialLR: the milestones must be integers that increase, got ${milestones}`);
  const begin = (): void => {
    for (const group of groups) group.lr = initialLr(group);
    first.restart();
  };
  let lastEpoch = 0;
  begin();
  return {
    scheduleName: 'sequentialLR',
    get lastEpoch() {
      return lastEpoch;
    },
    get lastLr() {
      return groups.map((group) => group.lr);
    },
    step() {
      lastEpoch += 1;
      const passed = milestones.filter((m) => m <= lastEpoch).length;
      if (passed > 0 && milestones[passed - 1] === lastEpoch) schedules[passed].restart();
      else schedules[passed].step();
    },
    restart() {
      lastEpoch = 0;
      begin();
    },
    stateDict: () => ({
      lastEpoch,
      baseLrs: groups.map(initialLr),
      lastLr: groups.map((group) => group.lr),
      schedules: schedules.map((schedule) => schedule.stateDict()),
    }),
    loadStateDict(state: ScheduleState) {
      loadAll('sequentialLR', schedules, state);
      lastEpoch = state.lastEpoch;
      groups.forEach((group, i) => (group.lr = state.lastLr[i]!));
    },
  };
}
