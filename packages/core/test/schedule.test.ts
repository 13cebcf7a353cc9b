import { expect, it } from 'vitest';
import {
  code,
  createRegistry,
  defineMetric,
  definePlugin,
  defineSchedule,
  type Group,
  integer,
  makeSchedule,
  number,
  type OpenRegistry,
  type Optimizer,
  scheduleList,
  type ScheduleState,
} from '../src/index.js';

const optimizerOf = (...lrs: number[]): Optimizer =>
  ({ groups: lrs.map((lr): Group => ({ params: [], lr, momentum: 0 })) }) as unknown as Optimizer;

/** lr_t = lr_0 / (1 + rate·t). */
const inverse = defineSchedule({
  name: 'inverse',
  options: { rate: number({ default: 1, minimum: 0, description: 'how fast it falls' }) },
  required: ['rate'],
  next: ({ baseLr, epoch, options }) => baseLr / (1 + options.rate * epoch),
});
/** Halves when the number that it is told has not fallen. */
const halving = defineSchedule({
  name: 'halving',
  interval: 'step',
  options: { patience: integer({ default: 0, minimum: 0, description: 'how often it may not fall' }) },
  create: (groups, { patience }, baseLrs) => {
    let [best, bad] = [Infinity, 0];
    return {
      monitors: 'min',
      start: () => groups.forEach((g, i) => (g.lr = baseLrs()[i])),
      step(_epoch, value) {
        [best, bad] = value! < best ? [value!, 0] : [best, bad + 1];
        if (bad > patience) for (const g of groups) g.lr /= 2;
      },
      save: () => ({ best, bad }),
      load: (own) => ([best, bad] = [own['best'], own['bad']]),
    };
  },
});
const both = defineSchedule({
  name: 'both',
  options: { schedules: scheduleList({ description: 'the parts' }) },
  required: ['schedules'],
  create: (_groups, { schedules }) => ({
    schedules,
    start: () => {},
    step: (_epoch, value) => schedules.forEach((s) => s.step(value)),
  }),
});
const inCode = defineSchedule({
  name: 'inCode',
  options: { f: code({ default: (t: number) => t, description: 'the learning rate' }) },
  next: ({ epoch, options }) => options.f(epoch),
});
const hits = defineMetric({
  name: 'hits',
  task: 'classification',
  higherIsBetter: true,
  options: { start: integer({ default: 0, description: 'where counting starts' }) },
  start: ({ start }) => ({ start }),
  update: () => {},
  compute: (_, { start }) => start,
});
const plugin = definePlugin({ name: '@acme/rates', contract: 1, provides: [inverse, halving, both, inCode, hits] });
const registry = createRegistry(plugin) as OpenRegistry;

it('a schedule and a metric are found by name, like all that a plugin provides', async () => {
  expect(registry.schedule('inverse')).toBe(inverse);
  expect(registry.metric('hits')).toBe(hits);
  expect(() => registry.schedule('invers')).toThrow("there is no schedule 'invers'; did you mean 'inverse'?");
  expect(await registry.metric('hits')({ start: 3 }).compute()).toBe(3);
  expect(() => registry.metric('hits')({ start: 0.5 })).toThrow('hits: start must be an integer, got 0.5');
  // @ts-expect-error the name of a metric
  expect(() => createRegistry(plugin).schedule('hits')).toThrow(/there is no schedule 'hits'/);
});

it('a rule gives learning rates; counting, saving and starting again come with it', () => {
  const optimizer = optimizerOf(1, 0.5);
  const schedule = inverse(optimizer, { rate: 1 });
  const rates = [0, 1, 2].map(() => {
    const now = optimizer.groups.map((g) => g.lr);
    schedule.step();
    return now;
  });
  expect(rates).toEqual([[1, 0.5], [0.5, 0.25], [1 / 3, 0.5 / 3]]); // prettier-ignore
  const state = JSON.parse(JSON.stringify(schedule.stateDict())) as ScheduleState;
  const other = inverse(optimizerOf(7, 7), { rate: 1 });
  other.loadStateDict(state);
  expect([other.lastEpoch, other.lastLr]).toEqual([3, [0.25, 0.125]]);
  other.step();
  expect(other.lastLr).toEqual([0.2, 0.1]);
  schedule.restart();
  expect([schedule.lastEpoch, schedule.lastLr]).toEqual([0, [1, 0.5]]);
});

it('required options are in the schema, and must be given', () => {
  const json = inverse.schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) as any;
  expect(json.required).toEqual(['rate']);
  expect(json.properties.rate).not.toHaveProperty('default');
  // @ts-expect-error none is given
  expect(() => inverse(optimizerOf(1))).toThrow('inverse: rate must be given');
});

it('its interval is an option of every schedule', () => {
  const o = optimizerOf(1);
  expect([inverse.interval, inverse(o, { rate: 1 }).interval]).toEqual(['epoch', 'epoch']);
  expect(inverse(o, { rate: 1, interval: 'step' }).interval).toBe('step');
  expect(halving(o).interval).toBe('step');
  expect(() => inverse(o, { rate: 1, interval: 'batch' as 'step' })).toThrow(/interval must be one of 'epoch', 'step'/);
});

it('one that watches a number says so, and needs it', () => {
  const o = optimizerOf(1);
  const schedule = halving(o);
  expect(schedule.monitors).toBe('min');
  expect(() => schedule.step()).toThrow('halving: step needs the number that it watches, got undefined');
  for (const value of [3, 2, 2]) schedule.step(value);
  expect(o.groups[0].lr).toBe(0.5);
  const other = halving(optimizerOf(1));
  other.loadStateDict(schedule.stateDict());
  other.step(2);
  expect(other.lastLr).toEqual([0.25]);
});

it('a file names schedules, also those that a schedule is made of', () => {
  const o = optimizerOf(1);
  const schedule = makeSchedule(registry, o, {
    name: 'both',
    schedules: [{ name: 'inverse', rate: 3 }, { name: 'halving', patience: 0 }],
  }); // prettier-ignore
  schedule.step(1);
  expect(o.groups[0].lr).toBe(0.25);
  schedule.step(1);
  expect(o.groups[0].lr).toBe(1 / 7 / 2);
  const state = schedule.stateDict();
  expect(state.schedules!.map((s) => s.own)).toEqual([undefined, { best: 1, bad: 1 }]);
  expect(() => schedule.loadStateDict({ ...state, schedules: [] })).toThrow(/of 0 schedules, and there are 2/);
  const wrong =
    (...schedules: unknown[]) =>
    () =>
      makeSchedule(registry, o, { name: 'both', schedules });
  expect(wrong({ nam: 'inverse' })).toThrow(
    `both: each of schedules must be { name, …options }, got {"nam":"inverse"}`,
  );
  expect(wrong({ name: 'inverse', rat: 1 })).toThrow(/inverse: there is no option 'rat'; did you mean 'rate'/);
  expect(() => both(o, { schedules: [{ name: 'inverse' }] as never })).toThrow(
    /schedules must be an array of schedules/,
  );
});
