import { KindlingError, type LossFactory, type OpenRegistry, type Provision } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import type { GivenOption } from '../commands/command.js';
import { optionsFor } from './optionsFor.js';

/** A loss by name, with the options that the user gave. */
export interface ChosenLoss {
  readonly name: string;
  readonly factory: LossFactory;
  readonly options: Record<string, unknown>;
}

/** The usual losses first; another that fits serves where none of these is registered. */
const usual: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['crossEntropyLoss'],
  binary: ['crossEntropyLoss', 'bceWithLogitsLoss'],
  regression: ['mseLoss'],
};

export function tasksOf(loss: Provision): readonly string[] {
  if (loss.kind !== 'loss') return [];
  const { task } = loss as LossFactory;
  return typeof task === 'string' ? [task] : task;
}

/** Whether a loss can train for a task. Two classes are classes, too. */
function fits(loss: Provision, task: DataTask): boolean {
  const tasks = tasksOf(loss);
  return tasks.includes(task) || (task === 'binary' && tasks.includes('classification'));
}

export function fittingLosses(registry: OpenRegistry, task: DataTask): string[] {
  return registry.entries().filter(({ provision }) => fits(provision, task)).map(({ name }) => name); // prettier-ignore
}

/** The usual loss of a task. */
function defaultLoss(registry: OpenRegistry, task: DataTask): string {
  const fitting = fittingLosses(registry, task);
  const name = usual[task].find((n) => fitting.includes(n)) ?? fitting[0];
  if (name === undefined) throw new KindlingError(`no registered loss fits the task '${task}'; install one`);
  return name;
}

/** The named loss (or the task's usual one), or an error where it does not exist or does not fit the task. */
export function chooseLoss(
  registry: OpenRegistry,
  name: string | undefined,
  task: DataTask,
  given: readonly GivenOption[],
): ChosenLoss {
  const chosen = name ?? defaultLoss(registry, task);
  const factory = registry.loss(chosen);
  if (!fits(factory, task)) {
    const fitting = fittingLosses(registry, task).join(', ');
    throw new KindlingError(
      `the loss '${chosen}' is for ${tasksOf(factory).join(' or ')}, but the task is ${task}; losses that fit: ${fitting === '' ? 'none' : fitting}`,
    );
  }
  const options = optionsFor(factory, chosen, 'loss', given);
  if (options['reduction'] === 'none')
    throw new KindlingError(`--loss.reduction none: training needs one number, so the reduction must be mean or sum`);
  return { name: chosen, factory, options };
}
