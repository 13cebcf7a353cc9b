import { defineSchedule, scheduleList } from '@kindling/core';
import { stepOf } from './common/stepOf.js';

/**
 * Several schedules of one optimizer at once: each step steps all of them, in order, and each changes what the one before
 * left.
 *
 * `chainedScheduler(optimizer, { schedules: [constantLR(optimizer), exponentialLR(optimizer, { gamma: 0.9 })] })`, then
 * `schedule.step()`. Those that set the learning rate rather than change it (`lambdaLR`, `cyclicLR`, `oneCycleLR`,
 * `cosineAnnealingWarmRestarts`) should come first. Where one watches a number, `step` takes it.
 *
 * Errors: no schedules. Source: PyTorch's `ChainedScheduler`.
 */
export const chainedScheduler = /* @__PURE__ */ defineSchedule({
  name: 'chainedScheduler',
  options: { schedules: scheduleList({ description: 'the schedules, in the order in which they step' }) },
  required: ['schedules'],
  check: ({ schedules }) => (schedules.length === 0 ? 'there are no schedules to chain' : undefined),
  create: (_, { schedules }) => ({
    schedules,
    monitors: schedules.find((s) => s.monitors !== undefined)?.monitors,
    start(restarted) {
      if (restarted) for (const schedule of schedules) schedule.restart();
    },
    step: (_epoch, value) => schedules.forEach((schedule) => stepOf(schedule, value)),
  }),
});
