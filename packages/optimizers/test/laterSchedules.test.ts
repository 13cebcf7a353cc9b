import { readFileSync } from 'node:fs';
import { type Optimizer, parameter, type Schedule, type ScheduleState, zeros } from '@kindling/core';
import { describe, expect, test } from 'vitest';
import * as schedules from '../src/index.js';
import { adam, sgd } from '../src/index.js';

interface GoldenSchedule {
  readonly name: string;
  readonly options: Record<string, unknown>;
  readonly lrs: readonly (readonly number[])[];
  readonly momenta?: readonly (readonly number[])[];
  readonly adam?: true;
  readonly given?: readonly (number | null)[];
}
const goldens = JSON.parse(
  readFileSync(new URL('goldens/laterSchedules.golden.json', import.meta.url), 'utf8'),
) as GoldenSchedule[];

const lambdas: Record<string, (epoch: number) => number> = {
  decay: (epoch) => 0.9 ** epoch,
  wave: (epoch) => 1 + 0.5 * Math.sin(epoch),
};
/** Functions by their names. */
const named = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(named);
  return typeof value === 'string' ? (lambdas[value] ?? value) : value;
};

const optimizer = (golden: { adam?: true }): Optimizer => {
  const groups = [0.1, 0.03].map((lr) => ({ params: [parameter(zeros([1]))], lr }));
  return golden.adam ? adam(groups) : sgd(groups.map((group) => ({ ...group, momentum: 0.5 })));
};
type Any = (...args: unknown[]) => Schedule;
const child = (o: Optimizer, name: string): Schedule =>
  (schedules as unknown as Record<string, Any>)[name](
    o,
    {
      constantLR: { factor: 0.1, totalIters: 4 },
      exponentialLR: { gamma: 0.9 },
      linearLR: { startFactor: 0.25, totalIters: 5 },
      cosineAnnealingLR: { tMax: 10, etaMin: 0.001 },
      stepLR: { stepSize: 3, gamma: 0.5 },
      lambdaLR: { lrLambda: lambdas['decay'] },
      multiplicativeLR: { lrLambda: lambdas['wave'] },
      cosineAnnealingWarmRestarts: { t0: 4, tMult: 2, etaMin: 0.001 },
    }[name],
  );
const make = ({ name, options }: GoldenSchedule, o: Optimizer): Schedule => {
  const kinds = options['schedules'] as readonly string[] | undefined;
  const children = kinds?.map((kind) => child(o, kind));
  if (name === 'chainedScheduler') return schedules.chainedScheduler(o, { schedules: children! });
  if (name === 'sequentialLR')
    return schedules.sequentialLR(o, { schedules: children!, milestones: options['milestones'] as number[] });
  const given = Object.fromEntries(Object.entries(options).map(([k, v]) => [k, named(v)]));
  return (schedules as unknown as Record<string, Any>)[name](o, given);
};
const step = (schedule: Schedule, { given }: GoldenSchedule, epoch: number): void => {
  schedule.step(given?.[epoch - 1] ?? undefined);
};
const momentumOf = (group: Record<string, unknown>): number =>
  (group['betas'] as readonly number[] | undefined)?.[0] ?? (group['momentum'] as number);
const expectClose = (actual: readonly number[], wanted: readonly number[], what: string): void =>
  wanted.forEach((w, i) => {
    expect(Math.abs(actual[i] - w), what).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(w), 0.1));
  });

describe.each(goldens)('$name $options', (golden) => {
  const check = (o: Optimizer, schedule: Schedule, epoch: number): void => {
    expectClose(schedule.lastLr, golden.lrs[epoch], `lr after ${epoch}`);
    expect(o.groups.map((g) => g.lr)).toEqual(schedule.lastLr);
    const momenta = golden.momenta?.[epoch];
    if (momenta !== undefined) expectClose(o.groups.map(momentumOf), momenta, `momentum after ${epoch}`);
  };

  test("follows PyTorch's", () => {
    const o = optimizer(golden);
    const schedule = make(golden, o);
    for (const epoch of golden.lrs.keys()) {
      if (epoch > 0) step(schedule, golden, epoch);
      check(o, schedule, epoch);
    }
  });

  test('continues where it was saved', () => {
    const half = Math.floor(golden.lrs.length / 2);
    const schedule = make(golden, optimizer(golden));
    for (let epoch = 1; epoch <= half; epoch++) step(schedule, golden, epoch);
    const o = optimizer(golden);
    const other = make(golden, o);
    other.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())) as ScheduleState);
    expect(other.lastEpoch).toBe(schedule.lastEpoch);
    check(o, other, half);
    for (let epoch = half + 1; epoch < golden.lrs.length; epoch++) {
      step(other, golden, epoch);
      check(o, other, epoch);
    }
  });

  test('may be started again', () => {
    if (golden.name === 'multiplicativeLR' || golden.name === 'swaLR') return; // they go on from where it is
    const o = optimizer(golden);
    const schedule = make(golden, o);
    for (let epoch = 1; epoch <= 5 && epoch < golden.lrs.length; epoch++) step(schedule, golden, epoch);
    schedule.restart();
    expect(schedule.lastEpoch).toBe(0);
    if (golden.name !== 'chainedScheduler') check(o, schedule, 0);
  });
});

test.each<[() => unknown, RegExp]>([
  [() => schedules.lambdaLR(optimizer({}), {} as never), /lambdaLR: lrLambda must be given/],
  [() => schedules.multiStepLR(optimizer({}), { milestones: [1.5] }), /milestones must be an array of integers/],
  [() => schedules.linearLR(optimizer({}), { startFactor: 0 }), /startFactor.*greater than 0/],
  [() => schedules.constantLR(optimizer({}), { factor: 2 }), /factor.*at most 1/],
  [() => schedules.cyclicLR(optimizer({}), { baseLr: [1], maxLr: 1 }), /cyclicLR: baseLr has 1 values.*2 groups/],
  [() => schedules.cyclicLR(schedules.adagrad([parameter(zeros([1]))]), { baseLr: 0.1, maxLr: 1 }), /no momentum.*cycleMomentum: false/],
  [() => schedules.oneCycleLR(optimizer({}), { maxLr: 1 }), /give totalSteps, or epochs and stepsPerEpoch/],
  [() => schedules.oneCycleLR(optimizer({}), { maxLr: 1, totalSteps: 0 }), /totalSteps must be an integer of at least 1/],
  [() => schedules.swaLR(optimizer({}), { swaLr: [1, 2, 3] }), /swaLr has 3 values/],
  [() => schedules.chainedScheduler(optimizer({}), { schedules: [] }), /no schedules/],
  [() => schedules.sequentialLR(optimizer({}), { schedules: [], milestones: [] }), /no schedules/],
  [() => schedules.sequentialLR(optimizer({}), { schedules: [child(optimizer({}), 'stepLR')], milestones: [1] }), /1 schedules have 0 milestones/],
  [() => schedules.lambdaLR(optimizer({}), { lrLambda: [() => 1] }), /lambdaLR: lrLambda must be a function .* group 1 has none/],
  [() => schedules.lambdaLR(optimizer({}), { lrLambda: 0.9 as never }), /lrLambda must be a function/],
  [() => schedules.reduceLROnPlateau(optimizer({}), { factor: 1 }), /factor.*less than 1/],
  [() => schedules.reduceLROnPlateau(optimizer({})).step(undefined as never), /needs the number that it watches/],
  [() => schedules.cosineAnnealingWarmRestarts(optimizer({}), { t0: 0 }), /t0.*at least 1/],
  [() => schedules.cosineAnnealingWarmRestarts(optimizer({}), { t0: 3 }).step(-1), /at least 0/],
])('options that make no sense are errors: %s', (use, message) => {
  expect(use).toThrow(message);
}); // prettier-ignore

test('more steps than a cycle has are an error', () => {
  const schedule = schedules.oneCycleLR(optimizer({}), { maxLr: 1, totalSteps: 3 });
  for (let i = 0; i < 3; i++) schedule.step();
  expect(() => schedule.step()).toThrow(/step 4.*3 steps/);
});

test('a cycle whose rise is no step long begins at its top', () => {
  // pctStart of the steps is one: PyTorch divides by 0 there
  const trained = optimizer({});
  const [group] = trained.groups;
  const schedule = schedules.oneCycleLR(trained, { maxLr: 1, totalSteps: 10, pctStart: 0.1, cycleMomentum: false });
  const seen = [group.lr];
  for (let t = 0; t < 9; t++) {
    schedule.step();
    seen.push(group.lr);
  }
  seen.forEach((lr, t) => {
    expect(lr).toBeCloseTo(4e-6 + ((1 - 4e-6) * (1 + Math.cos((Math.PI * t) / 9))) / 2, 12);
  });
});
