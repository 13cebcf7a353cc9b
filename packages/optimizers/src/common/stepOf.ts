import type { Schedule } from '@kindling/core';

/** Steps a part of a schedule; the number is for those that watch it. */
export function stepOf(schedule: Schedule, value: number | undefined): void {
  if (schedule.monitors === undefined) schedule.step();
  else schedule.step(value);
}
