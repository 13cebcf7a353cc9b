import {
  type Field,
  type Fields,
  type Given,
  type Group,
  KindlingError,
  type Optimizer,
  type OptionsSchema,
  optionsSchema,
  type Resolved,
  resolveOptions,
} from '@kindling/core';
import { setMomentum } from './momentum.js';

/** Sets the learning rates of an optimizer's groups, which reads them at every step; nothing is compiled anew. */
export interface Schedule {
  readonly scheduleName: string;
  /** To be called after each epoch, or after each optimizer step: whatever the schedule counts. */
  step(): void;
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

export interface ScheduleState {
  readonly lastEpoch: number;
  readonly baseLrs: readonly number[];
  readonly lastLr: readonly number[];
  /** What the schedule counts beside its steps. */
  readonly own?: Readonly<Record<string, number>>;
  /** The states of the schedules that this one is made of. */
  readonly schedules?: readonly ScheduleState[];
}

export interface ScheduleFactory<N extends string, F extends Fields, R extends keyof F> {
  (optimizer: Optimizer, options: Given<F> & Required<Pick<Given<F>, R>>): Schedule;
  readonly kind: 'schedule';
  readonly scheduleName: N;
  readonly schema: OptionsSchema<F>;
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

/** A schedule from the learning rate that follows the present one, so that several can act on one optimizer. */
export function defineSchedule<const N extends string, F extends Fields, const R extends keyof F & string>(definition: {
  readonly name: N;
  readonly options: F;
  /** Options without a sensible default. */
  readonly required: readonly R[];
  /** What the options must fulfil together; a message where they do not. */
  readonly check?: (options: Resolved<F>) => string | undefined;
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
}): ScheduleFactory<N, F, R> {
  const { name, next, check, base, momentum } = definition;
  const start = definition.start ?? (({ lr, baseLr, restarted }) => (restarted ? baseLr : lr));
  const schema = optionsSchema(definition.options);
  const factory = (optimizer: Optimizer, given: Given<F>): Schedule => {
    const options = scheduleOptions(name, schema, given, definition.required);
    const problem = check?.(options);
    if (problem !== undefined) throw new KindlingError(`${name}: ${problem}`);
    for (const [option, value] of Object.entries(options))
      if (
        Array.isArray(value) &&
        definition.options[option].kind === 'number' &&
        value.length !== optimizer.groups.length
      )
        throw new KindlingError(
          `${name}: ${option} has ${value.length} values, and the optimizer has ${optimizer.groups.length} groups`,
        );
    return new GroupSchedule(name, optimizer.groups, {
      base: base && ((index) => base({ index, options })),
      start: (moment, restarted) => start({ ...moment, options, restarted }),
      next: (moment) => next({ ...moment, options }),
      momentum: (epoch, index) => momentum?.({ epoch, index, options }),
    });
  };
  return Object.assign(factory, { kind: 'schedule' as const, scheduleName: name, schema });
}

/** The options, of which the required ones must be given. */
export function scheduleOptions<F extends Fields>(
  name: string,
  schema: OptionsSchema<F>,
  given: Given<F>,
  required: readonly (keyof F & string)[],
): Resolved<F> {
  for (const option of required)
    if (given?.[option] === undefined) throw new KindlingError(`${name}: the option ${option} must be given`);
  return resolveOptions(name, schema, given);
}

/** A number for all groups, or one for each. */
export function perGroup(o: {
  readonly default: number;
  readonly minimum?: number;
  readonly description: string;
}): Field<number | readonly number[]> {
  const least = o.minimum ?? -Infinity;
  const one = { type: 'number', ...(o.minimum === undefined ? {} : { minimum: o.minimum }) };
  const valid = (x: unknown): boolean => typeof x === 'number' && x >= least;
  const field: Omit<Field<number | readonly number[]>, 'type' | 'required'> = {
    kind: 'number',
    default: o.default,
    description: `${o.description}; one for all groups, or an array`,
    json: { anyOf: [one, { type: 'array', items: one }] },
    problem: (v) =>
      valid(v) || (Array.isArray(v) && v.every(valid))
        ? undefined
        : `must be a number${o.minimum === undefined ? '' : ` of at least ${o.minimum}`}, or an array of them`,
  };
  return field as Field<number | readonly number[]>;
}
export function ofGroup(value: number | readonly number[], index: number): number {
  return typeof value === 'number' ? value : value[index];
}

/** The learning rate that a group had before any schedule. It is noted in the group, as `initialLr`. */
export function initialLr(group: Group): number {
  return (group['initialLr'] ??= group.lr) as number;
}

type Step = Omit<Moment<Fields>, 'options'>;

class GroupSchedule implements Schedule {
  #baseLrs: readonly number[];
  #lastEpoch = 0;

  constructor(
    readonly scheduleName: string,
    readonly groups: readonly Group[],
    readonly how: {
      readonly base: ((index: number) => number) | undefined;
      readonly start: (moment: Step, restarted: boolean) => number;
      readonly next: (moment: Step) => number;
      readonly momentum: (epoch: number, index: number) => number | undefined;
    },
  ) {
    this.#baseLrs = groups.map((group, index) => {
      if (how.base !== undefined) group['initialLr'] = how.base(index);
      return initialLr(group);
    });
    this.#begin(false);
  }

  #begin(restarted: boolean): void {
    this.#set((moment) => this.how.start(moment, restarted));
  }
  #set(rate: (moment: Step) => number): void {
    const epoch = this.#lastEpoch;
    this.groups.forEach((group, index) => {
      group.lr = rate({ lr: group.lr, baseLr: this.#baseLrs[index], epoch, index });
    });
    this.#setMomentum();
  }
  #setMomentum(): void {
    this.groups.forEach((group, index) => {
      const momentum = this.how.momentum(this.#lastEpoch, index);
      if (momentum !== undefined) setMomentum(this.scheduleName, group, momentum);
    });
  }

  get lastEpoch(): number {
    return this.#lastEpoch;
  }
  get lastLr(): readonly number[] {
    return this.groups.map((group) => group.lr);
  }
  step(): void {
    this.#lastEpoch += 1;
    this.#set(this.how.next);
  }
  restart(): void {
    this.#lastEpoch = 0;
    this.#begin(true);
  }
  stateDict(): ScheduleState {
    return { lastEpoch: this.#lastEpoch, baseLrs: this.#baseLrs, lastLr: this.lastLr };
  }
  loadStateDict(state: ScheduleState): void {
    checkState(this.scheduleName, state, this.groups);
    this.#lastEpoch = state.lastEpoch;
    this.#baseLrs = [...state.baseLrs];
    this.groups.forEach((group, i) => (group.lr = state.lastLr[i]!));
    this.#setMomentum();
  }
}

/** Throws unless the state is for these groups. */
export function checkState(
  name: string,
  { lastEpoch, baseLrs, lastLr }: ScheduleState,
  groups: readonly Group[],
): void {
  if (baseLrs?.length !== groups.length || lastLr?.length !== groups.length || !Number.isInteger(lastEpoch))
    throw new KindlingError(
      `${name}.loadStateDict: the state is for ${baseLrs?.length ?? 'no'} groups, and the optimizer has ${groups.length}`,
    );
}
