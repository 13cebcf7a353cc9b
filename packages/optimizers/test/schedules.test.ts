import { readFileSync } from 'node:fs';
import { parameter, type Schedule, type ScheduleState, zeros } from '@kindling/core';
import { describe, expect, test } from 'vitest';
import { cosineAnnealingLR, sgd, stepLR } from '../src/index.js';

interface GoldenSchedule {
  readonly name: 'stepLR' | 'cosineAnnealingLR';
  readonly options: Record<string, number>;
  readonly lrs: readonly (readonly number[])[];
}
const goldens = JSON.parse(
  readFileSync(new URL('goldens/schedules.golden.json', import.meta.url), 'utf8'),
) as GoldenSchedule[];

const optimizer = () => sgd([{ params: [parameter(zeros([1]))], lr: 0.1 }, { params: [parameter(zeros([1]))], lr: 0.03 }]); // prettier-ignore
const make = ({ name, options }: GoldenSchedule, to: ReturnType<typeof optimizer>): Schedule =>
  ({ stepLR, cosineAnnealingLR })[name](to, options as never);
const expectClose = (actual: readonly number[], wanted: readonly number[]): void =>
  wanted.forEach((w, i) => expect(Math.abs(actual[i] - w)).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(w), 0.1)));

describe.each(goldens)('$name $options', (golden) => {
  test("follows PyTorch's", () => {
    const o = optimizer();
    const schedule = make(golden, o);
    for (const [epoch, lrs] of golden.lrs.entries()) {
      if (epoch > 0) schedule.step();
      expect(schedule.lastEpoch).toBe(epoch);
      expectClose(schedule.lastLr, lrs);
      expect(o.groups.map((g) => g.lr)).toEqual(schedule.lastLr);
    }
  });

  test('continues where it was saved', () => {
    const schedule = make(golden, optimizer());
    for (let epoch = 0; epoch < 13; epoch++) schedule.step();
    const other = make(golden, optimizer());
    other.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())) as ScheduleState);
    for (const lrs of golden.lrs.slice(13)) {
      expectClose(other.lastLr, lrs);
      other.step();
    }
  });
});

test('options that are missing or out of range are errors, and so is the state of other groups', () => {
  expect(() => stepLR(optimizer(), {} as never)).toThrow('stepLR: stepSize must be given');
  expect(() => stepLR(optimizer(), { stepSize: 0 })).toThrow(/stepSize.*at least 1/);
  expect(() => cosineAnnealingLR(optimizer(), { tMax: 5, etamin: 1 } as never)).toThrow(/did you mean 'etaMin'/);
  const schedule = stepLR(optimizer(), { stepSize: 2 });
  expect(() => schedule.loadStateDict({ lastEpoch: 1, baseLrs: [1], lastLr: [1] })).toThrow(/1 groups.*has 2/);
});
