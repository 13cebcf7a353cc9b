import { KindlingError } from '@kindling/core';
import type { Schedule, ScheduleState } from './schedule.js';

/** Gives each schedule its state. */
export function loadAll(name: string, schedules: readonly Schedule[], { schedules: states }: ScheduleState): void {
  if (states?.length !== schedules.length)
    throw new KindlingError(
      `${name}.loadStateDict: the state is of ${states?.length ?? 'no'} schedules, and there are ${schedules.length}`,
    );
  schedules.forEach((schedule, i) => schedule.loadStateDict(states[i]));
}
