import { KindlingError } from './errors.js';
import type { Group, Optimizer } from './optimizer/optimizer.js';
import {
  choice,
  type Field,
  type Fields,
  type Given,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from './options.js';

/** Sets the learning rates of an optimizer's groups, which reads them at every step; nothing is compiled anew. */
export interface Schedule {
  readonly scheduleName: string;
  /** When `step` is to be called: after each epoch, or after each step of the optimizer. */
  readonly interval: ScheduleInterval;
  /** For a schedule that watches a number: whether that should fall or rise. `step` needs the number then. */
  readonly monitors: 'min' | 'max' | undefined;
  step(value?: number): void;
  /** Back to the start: no steps, and the learning rates that the schedule begins with. */
  restart(): void;
  /** How often `step` has been called. */
  readonly lastEpoch: number;
  /** The present learning rate of each group. */
  readonly lastLr: readonly number[];
  /** Plain numbers, for a file. */
  stateDict(): ScheduleState;
  /** Continues where the state was saved, and sets the learning rates of then. */
  loadStateDict(state: ScheduleState): void;
}

export type ScheduleInterval = 'epoch' | 'step';

export interface ScheduleState {
  readonly lastEpoch: number;
  readonly baseLrs: readonly number[];
  readonly lastLr: readonly number[];
  /** What the schedule counts beside its steps. */
  readonly own?: Readonly<Record<string, number>>;
  /** The states of the schedules that this one is made of. */
  readonly schedules?: readonly ScheduleState[];
}

type Framework = { readonly interval: Field<ScheduleInterval> };
type GivenSchedule<F extends Fields, R extends keyof F> = Given<F> &
  Required<Pick<Given<F>, R>> & { readonly interval?: ScheduleInterval };

export interface ScheduleFactory<
  N extends string = string,
  F extends Fields = Fields,
  R extends keyof F = never,
  S extends Schedule = Schedule,
> {
  (optimizer: Optimizer, ...options: [R] extends [never] ? [GivenSchedule<F, R>?] : [GivenSchedule<F, R>]): S;
  readonly kind: 'schedule';
  readonly scheduleName: N;
  readonly interval: ScheduleInterval;
  readonly schema: OptionsSchema<F & Framework>;
}

/** A factory whose options are forgotten, as a plugin provides it. */
export interface AnySchedule {
  (optimizer: Optimizer, options: never): Schedule;
  readonly kind: 'schedule';
  readonly scheduleName: string;
  readonly interval: ScheduleInterval;
  readonly schema: OptionsSchema<Fields>;
}

/** Where a schedule is, for one group. */
export interface Moment<F extends Fields> {
  /** The present learning rate. */
  readonly lr: number;
  /** That of the group before any schedule. */
  readonly baseLr: number;
  /** The steps of the schedule. */
  readonly epoch: number;
  /** Which group it is. */
  readonly index: number;
  readonly options: Resolved<F>;
}

interface Common<N extends string, F extends Fields, R extends keyof F> {
  readonly name: N;
  readonly options: F;
  /** Options without a sensible default. */
  readonly required?: readonly R[];
  /** When it is usually stepped. Default 'epoch'; the option `interval` has the last word. */
  readonly interval?: ScheduleInterval;
  /** What the options must fulfil together; a message where they do not. */
  readonly check?: (options: Resolved<F>) => string | undefined;
}

/** A schedule by the learning rate that follows the present one, so that several can act on one optimizer. */
export interface ScheduleRule<N extends string, F extends Fields, R extends keyof F> extends Common<N, F, R> {
  /** The first learning rate of all, where it is not the group's. */
  readonly base?: (a: { index: number; options: Resolved<F> }) => number;
  /**
   * The learning rate at `epoch` 0. Default: the present one; that of before any schedule where it is `restarted`, in the
   * middle of a training.
   */
  readonly start?: (a: Moment<F> & { restarted: boolean }) => number;
  /** The learning rate after `epoch` = 1, 2, … steps of the schedule, from the one before and the first of all. */
  readonly next: (a: Moment<F>) => number;
  /** The momentum after `epoch` = 0, 1, … steps; undefined where it is left alone. */
  readonly momentum?: (a: Omit<Moment<F>, 'lr' | 'baseLr'>) => number | undefined;
}

/** What a schedule with a memory does; counting, saving and checks come from `defineSchedule`. */
export interface ScheduleBody {
  /** Sets the learning rates of the start; `restarted` in the middle of a training. */
  start(restarted: boolean): void;
  /** Sets those after `epoch` steps. `value` is what `step` was called with. Another number of steps may be returned. */
  step(epoch: number, value: number | undefined): number | void;
  /** What it remembers, for a file. */
  save?(): Record<string, number>;
  load?(own: Readonly<Record<string, number>>): void;
  readonly monitors?: 'min' | 'max' | undefined;
  /** The schedules that it is made of, saved with it. */
  readonly schedules?: readonly Schedule[];
}

/** A schedule with a memory, or made of others. */
export interface ScheduleDefinition<N extends string, F extends Fields, R extends keyof F> extends Common<N, F, R> {
  /** `baseLrs` gives the learning rates that the groups had before any schedule. */
  readonly create: (groups: readonly Group[], options: Resolved<F>, baseLrs: () => readonly number[]) => ScheduleBody;
}

/** A schedule from its rule: counting, saving, restarting and the checks of options come from here. */
export function defineSchedule<
  const N extends string,
  F extends Fields,
  const R extends keyof F & string = never,
  S extends Schedule = Schedule,
>(definition: ScheduleRule<N, F, R> | ScheduleDefinition<N, F, R>): ScheduleFactory<N, F, R, S> {
  const { name, options: fields, required = [], interval = 'epoch', check } = definition;
  const every = choice(['epoch', 'step'], {
    default: interval,
    description: 'what it counts: epochs, or steps of the optimizer',
  });
  const schema = optionsSchema({ ...fields, interval: every }, required);
  const factory = (optimizer: Optimizer, given?: unknown): Schedule => {
    const options = resolveOptions(name, schema, given) as unknown as Resolved<F> & { interval: ScheduleInterval };
    const problem = check?.(options);
    if (problem !== undefined) throw new KindlingError(`${name}: ${problem}`);
    const { groups } = optimizer;
    for (const [option, { kind }] of Object.entries(fields)) {
      const value: unknown = options[option];
      if (kind === 'number' && Array.isArray(value) && value.length !== groups.length)
        throw new KindlingError(
          `${name}: ${option} has ${value.length} values, and the optimizer has ${groups.length} groups`,
        );
    }
    if ('next' in definition && definition.base !== undefined)
      for (const [index, group] of groups.entries()) group['initialLr'] = definition.base({ index, options });
    return new BodySchedule(name, groups, options.interval, (baseLrs) =>
      'next' in definition
        ? ruleBody(definition, groups, options, baseLrs)
        : definition.create(groups, options, baseLrs),
    );
  };
  const made = Object.assign(factory, { kind: 'schedule' as const, scheduleName: name, interval, schema });
  return made as unknown as ScheduleFactory<N, F, R, S>;
}

function ruleBody<F extends Fields>(
  definition: Pick<ScheduleRule<string, F, never>, 'name' | 'start' | 'next' | 'momentum'>,
  groups: readonly Group[],
  options: Resolved<F>,
  baseLrs: () => readonly number[],
): ScheduleBody {
  const { name, next, momentum } = definition;
  const start = definition.start ?? (({ lr, baseLr, restarted }) => (restarted ? baseLr : lr));
  let last = 0;
  const setMomentum = (): void =>
    groups.forEach((group, index) => {
      const value = momentum?.({ epoch: last, index, options });
      if (value !== undefined) giveMomentum(name, group, value);
    });
  const set = (epoch: number, rate: (moment: Moment<F>) => number): void => {
    last = epoch;
    groups.forEach((group, index) => {
      group.lr = rate({ lr: group.lr, baseLr: baseLrs()[index], epoch, index, options });
    });
    setMomentum();
  };
  return {
    start: (restarted) => set(0, (moment) => start({ ...moment, restarted })),
    step: (epoch) => set(epoch, next),
    load({ lastEpoch }) {
      last = lastEpoch;
      setMomentum();
    },
  };
}

class BodySchedule implements Schedule {
  #baseLrs: readonly number[];
  #lastEpoch = 0;
  readonly #body: ScheduleBody;

  constructor(
    readonly scheduleName: string,
    readonly groups: readonly Group[],
    readonly interval: ScheduleInterval,
    make: (baseLrs: () => readonly number[]) => ScheduleBody,
  ) {
    this.#baseLrs = groups.map(initialLr);
    this.#body = make(() => this.#baseLrs);
    this.#body.start(false);
  }

  get monitors(): 'min' | 'max' | undefined {
    return this.#body.monitors;
  }
  get lastEpoch(): number {
    return this.#lastEpoch;
  }
  get lastLr(): readonly number[] {
    return this.groups.map((group) => group.lr);
  }
  step(value?: number): void {
    if (this.monitors !== undefined && typeof value !== 'number')
      throw new KindlingError(`${this.scheduleName}: step needs the number that it watches, got ${String(value)}`);
    const epoch = this.#lastEpoch + 1;
    this.#lastEpoch = this.#body.step(epoch, value) ?? epoch;
  }
  restart(): void {
    this.#lastEpoch = 0;
    this.#body.start(true);
  }
  stateDict(): ScheduleState {
    const { schedules } = this.#body;
    const own = this.#body.save?.();
    return {
      lastEpoch: this.#lastEpoch,
      baseLrs: this.#baseLrs,
      lastLr: this.lastLr,
      ...(own === undefined ? {} : { own }),
      ...(schedules === undefined ? {} : { schedules: schedules.map((s) => s.stateDict()) }),
    };
  }
  loadStateDict({ lastEpoch, baseLrs, lastLr, own, schedules: states }: ScheduleState): void {
    const { groups, scheduleName: name } = this;
    const { schedules } = this.#body;
    if (baseLrs?.length !== groups.length || lastLr?.length !== groups.length || !Number.isInteger(lastEpoch))
      throw new KindlingError(
        `${name}.loadStateDict: the state is for ${baseLrs?.length ?? 'no'} groups, and the optimizer has ${groups.length}`,
      );
    if (states?.length !== schedules?.length)
      throw new KindlingError(
        `${name}.loadStateDict: the state is of ${states?.length ?? 'no'} schedules, and there are ${schedules?.length ?? 'none'}`,
      );
    schedules?.forEach((schedule, i) => schedule.loadStateDict(states![i]));
    this.#lastEpoch = lastEpoch;
    this.#baseLrs = [...baseLrs];
    groups.forEach((group, i) => (group.lr = lastLr[i]));
    this.#body.load?.({ ...own, lastEpoch });
  }
}

/** The learning rate that a group had before any schedule. It is noted in the group, as `initialLr`. */
function initialLr(group: Group): number {
  return (group['initialLr'] ??= group.lr) as number;
}

/** Sets the momentum of a group, or the first of its betas. */
function giveMomentum(schedule: string, group: Group, momentum: number): void {
  const { betas } = group as { betas?: readonly number[] };
  if (betas !== undefined) group['betas'] = [momentum, ...betas.slice(1)];
  else if (typeof group['momentum'] === 'number') group['momentum'] = momentum;
  else throw new KindlingError(`${schedule}: the optimizer has no momentum to cycle; give cycleMomentum: false`);
}

/** A schedule as a file describes it: its name and its options. */
export interface ScheduleConfig {
  readonly name: string;
  readonly [option: string]: unknown;
}

/** Schedules of the same optimizer; in a file each is `{ name, …options }`. */
export function scheduleList(o: { readonly description: string }): Field<readonly Schedule[]> {
  const field: Omit<Field<readonly Schedule[]>, 'type' | 'required'> = {
    kind: 'schedules',
    default: [],
    description: o.description,
    json: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    problem: (v) =>
      Array.isArray(v) && v.every((s: Partial<Schedule> | null) => s?.scheduleName !== undefined)
        ? undefined
        : 'must be an array of schedules; those of a file, { "name": …, …options }, are made by makeSchedule',
  };
  return field as Field<readonly Schedule[]>;
}

/** A schedule of an optimizer from its description, by the names of a registry. */
export function makeSchedule(
  registry: { schedule(name: string): ScheduleFactory },
  optimizer: Optimizer,
  { name, ...given }: ScheduleConfig,
): Schedule {
  const factory = registry.schedule(name);
  const { fields } = factory.schema;
  const options = Object.fromEntries(
    Object.entries(given).map(([option, value]) => [
      option,
      fields[option]?.kind === 'schedules' && Array.isArray(value)
        ? value.map((config: unknown) => {
            const named = config as Partial<ScheduleConfig> | null;
            if (typeof named?.name !== 'string')
              throw new KindlingError(
                `${name}: each of ${option} must be { name, …options }, got ${JSON.stringify(config)}`,
              );
            return makeSchedule(registry, optimizer, named as ScheduleConfig);
          })
        : value,
    ]),
  );
  return factory(optimizer, options);
}
