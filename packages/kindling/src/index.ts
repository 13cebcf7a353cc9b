/** The standard set in one place: for scripts, notebooks and those who want one install. */
export * from '@kindling/core';
export * from '@kindling/autograd';
export * from '@kindling/losses';
export * from '@kindling/optimizers';
export * from '@kindling/nn';
export * from '@kindling/data';
export * from '@kindling/metrics';
export * from '@kindling/train';
export * from '@kindling/cpu-backend';
// both packages describe what a schedule is, since neither knows the other
export type { Schedule, ScheduleState } from '@kindling/optimizers';
