import { defineSchedule, scheduleList } from '@kindling/core';
import { integers } from './common/integers.js';
import { stepOf } from './common/stepOf.js';

/**
 * Several schedules of one optimizer one after another: at each milestone the next begins, at its own start.
 *
 * `sequentialLR(optimizer, { schedules: [linearLR(optimizer), cosineAnnealingLR(optimizer, { tMax: 95 })], milestones: [5] })`
 * is a warm-up and a fall, then `schedule.step()` after each epoch. Where one watches a number, `step` takes it.
 *
 * Errors: milestones that do not increase, or that are not one fewer than the schedules.
 *
 * Source: PyTorch's `SequentialLR`. Making it puts the learning rates back to those before any schedule, and starts the first.
 */
export const sequentialLR = /* @__PURE__ */ defineSchedule({
  name: 'sequentialLR',
  options: {
    schedules: scheduleList({ description: 'the schedules, one after another' }),
    milestones: integers({ description: 'the steps after which the next begins' }),
  },
  required: ['schedules', 'milestones'],
  check({ schedules, milestones }) {
    if (schedules.length === 0) return 'there are no schedules';
    if (milestones.length !== schedules.length - 1)
      return `${schedules.length} schedules have ${schedules.length - 1} milestones between them, and ${milestones.length} were given`;
    return milestones.some((m, i) => m < 1 || (i > 0 && m <= milestones[i - 1]))
      ? `the milestones must be integers that increase, got ${milestones}`
      : undefined;
  },
  create: (groups, { schedules, milestones }, baseLrs) => ({
    schedules,
    monitors: schedules.find((s) => s.monitors !== undefined)?.monitors,
    start() {
      groups.forEach((group, i) => (group.lr = baseLrs()[i]));
      schedules[0].restart();
    },
    step(epoch, value) {
      const passed = milestones.filter((m) => m <= epoch).length;
      if (passed > 0 && milestones[passed - 1] === epoch) schedules[passed].restart();
      else stepOf(schedules[passed], value);
    },
  }),
});
