import {
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

/** Sets the learning rates of an optimizer's groups, which reads them at every step; nothing is compiled anew. */
export interface Schedule {
  readonly scheduleName: string;
  /** To be called after each epoch, or after each optimizer step: whatever the schedule counts. */
  step(): void;
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
}

export interface ScheduleFactory<N extends string, F extends Fields, R extends keyof F> {
  (optimizer: Optimizer, options: Given<F> & Required<Pick<Given<F>, R>>): Schedule;
  readonly kind: 'schedule';
  readonly scheduleName: N;
  readonly schema: OptionsSchema<F>;
}

/** A schedule from the learning rate that follows the present one, so that several can act on one optimizer. */
export function defineSchedule<const N extends string, F extends Fields, const R extends keyof F & string>(definition: {
  readonly name: N;
  readonly options: F;
  /** Options without a sensible default. */
  readonly required: readonly R[];
  /** The learning rate after `epoch` = 1, 2, … steps of the schedule, from the one before and the first of all. */
  readonly next: (a: { lr: number; baseLr: number; epoch: number; options: Resolved<F> }) => number;
}): ScheduleFactory<N, F, R> {
  const { name, next, required } = definition;
  const schema = optionsSchema(definition.options);
  const factory = (optimizer: Optimizer, given: Given<F>): Schedule => {
    for (const option of required)
      if (given?.[option] === undefined) throw new KindlingError(`${name}: the option ${option} must be given`);
    const options = resolveOptions(name, schema, given);
    return new GroupSchedule(name, optimizer.groups, (lr, baseLr, epoch) => next({ lr, baseLr, epoch, options }));
  };
  return Object.assign(factory, { kind: 'schedule' as const, scheduleName: name, schema });
}

class GroupSchedule implements Schedule {
  #baseLrs: readonly number[];
  #lastEpoch = 0;

  constructor(
    readonly scheduleName: string,
    readonly groups: readonly Group[],
    readonly next: (lr: number, baseLr: number, epoch: number) => number,
  ) {
    this.#baseLrs = this.lastLr;
  }

  get lastEpoch(): number {
    return this.#lastEpoch;
  }
  get lastLr(): readonly number[] {
    return this.groups.map((group) => group.lr);
  }
  step(): void {
    this.#lastEpoch += 1;
    this.groups.forEach((group, i) => {
      group.lr = this.next(group.lr, this.#baseLrs[i], this.#lastEpoch);
    });
  }
  stateDict(): ScheduleState {
    return { lastEpoch: this.#lastEpoch, baseLrs: this.#baseLrs, lastLr: this.lastLr };
  }
  loadStateDict({ lastEpoch, baseLrs, lastLr }: ScheduleState): void {
    if (baseLrs?.length !== this.groups.length || lastLr?.length !== this.groups.length || !Number.isInteger(lastEpoch))
      throw new KindlingError(
        `${this.scheduleName}.loadStateDict: the state is for ${baseLrs?.length ?? 'no'} groups, and the optimizer has ` +
          `${this.groups.length}`,
      );
    this.#lastEpoch = lastEpoch;
    this.#baseLrs = [...baseLrs];
    this.groups.forEach((group, i) => (group.lr = lastLr[i]!));
  }
}
