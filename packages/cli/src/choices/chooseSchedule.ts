import {
  KindlingError,
  makeSchedule,
  type OpenRegistry,
  parameter,
  type Schedule,
  type ScheduleConfig,
  zeros,
} from '@kindling/core';
import type { GivenOption } from '../commands/command.js';
import { checkOptions, optionSchemas, requiredOptions } from '../settings/pluginOptions.js';
import type { ChosenOptimizer } from './chooseOptimizer.js';
import { readOptions } from './optionsFor.js';

/** A schedule by name, with the options that the user gave. */
export interface ChosenSchedule {
  readonly name: string;
  readonly options: Record<string, unknown>;
}

/** The named schedule, or an error where it does not exist or its options do not make one. */
export function chooseSchedule(
  registry: OpenRegistry,
  name: string | undefined,
  optimizers: readonly Pick<ChosenOptimizer, 'factory' | 'options'>[],
  given: readonly GivenOption[],
): ChosenSchedule | undefined {
  const own = given.filter((g) => g.kind === 'schedule');
  if (name === undefined) {
    if (own.length > 0) throw new KindlingError(`${own[0].shown} needs --schedule <name>, the schedule it is for`);
    return undefined;
  }
  const factory = registry.schedule(name);
  const inCode = requiredOptions(factory).find((option) => !(option in optionSchemas(factory)));
  if (inCode !== undefined)
    throw new KindlingError(`the schedule '${name}' needs the option '${inCode}', which can only be given in code`);
  const options = readOptions(factory, name, 'schedule', own);
  for (const optimizer of optimizers) {
    // what a file cannot hold is made for a stand-in, so that everything is checked before any training
    const standIn = optimizer.factory([parameter(zeros([1]))], optimizer.options);
    const parts = Object.entries(options).filter(([, value]) => Array.isArray(value) && value.some(isConfig));
    const made = parts.map(([option, value]) => [option, (value as unknown[]).map((part) => (isConfig(part) ? makeSchedule(registry, standIn, part) : part))]); // prettier-ignore
    checkOptions(factory, name, 'schedule', {
      ...options,
      ...(Object.fromEntries(made) as Record<string, Schedule[]>),
    });
    makeSchedule(registry, standIn, { ...options, name });
  }
  return { name, options };
}

function isConfig(value: unknown): value is ScheduleConfig {
  return typeof value === 'object' && value !== null && typeof (value as { name?: unknown }).name === 'string';
}

/** The schedule after a warm-up, in which the learning rate rises evenly from nearly 0. */
export function withWarmup(
  registry: OpenRegistry,
  chosen: ChosenSchedule | undefined,
  warmup: number | undefined,
): ScheduleConfig | undefined {
  const config = chosen === undefined ? undefined : { ...chosen.options, name: chosen.name };
  if (warmup === undefined) return config;
  const rise = { name: 'linearLR', startFactor: 1 / (warmup + 1), totalIters: warmup };
  if (config === undefined) return rise;
  const interval = chosen!.options['interval'] ?? registry.schedule(config.name).interval;
  return { name: 'sequentialLR', schedules: [rise, config], milestones: [warmup], interval };
}
