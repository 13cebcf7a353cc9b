import { KindlingError, type LossFactory, neededInputs, type OpenRegistry, type Provision } from '@kindling/core';
import type { DataTask } from '@kindling/data';
import type { GivenOption } from '../commands/command.js';
import { optionsFor } from './optionsFor.js';

/** A loss by name, with the options that the user gave. */
export interface ChosenLoss {
  readonly name: string;
  readonly factory: LossFactory;
  readonly options: Record<string, unknown>;
}

/** What `compare` begins with: all that fit would be hundreds of combinations. */
const compared: Readonly<Record<DataTask, readonly string[]>> = {
  classification: ['crossEntropyLoss', 'nllLoss', 'categoricalCrossEntropy', 'sparseCategoricalCrossEntropy'],
  binary: ['crossEntropyLoss', 'nllLoss', 'bceWithLogitsLoss', 'bceLoss'],
  regression: ['mseLoss', 'l1Loss', 'smoothL1Loss', 'huberLoss'],
};

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

function needed({ inputs }: LossFactory): readonly string[] {
  return neededInputs(inputs);
}

/** Whether a loss can train for a task. Two classes are classes, too. */
function fits(loss: Provision, task: DataTask): boolean {
  const tasks = tasksOf(loss);
  // a row of a table has an input and a target, no third tensor
  if (loss.kind !== 'loss' || needed(loss as LossFactory).length !== 2) return false;
  return tasks.includes(task) || (task === 'binary' && tasks.includes('classification'));
}

export function fittingLosses(registry: OpenRegistry, task: DataTask): string[] {
  return registry.entries().filter(({ provision }) => fits(provision, task)).map(({ name }) => name); // prettier-ignore
}

/** The losses that are compared where none are named. */
export function comparedLosses(registry: OpenRegistry, task: DataTask): string[] {
  const fitting = fittingLosses(registry, task);
  const usualOnes = compared[task].filter((name) => fitting.includes(name));
  return usualOnes.length > 0 ? usualOnes : fitting;
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
    const why =
      needed(factory).length === 2
        ? `is for ${tasksOf(factory).join(' or ')}, but the task is ${task}`
        : `needs ${needed(factory).length} tensors (${needed(factory).join(', ')}), and a row of a table has an input and a target`;
    throw new KindlingError(`the loss '${chosen}' ${why}; losses that fit: ${fitting === '' ? 'none' : fitting}`);
  }
  const options = optionsFor(factory, chosen, 'loss', given);
  if (options['reduction'] === 'none')
    throw new KindlingError(`--loss.reduction none: training needs one number, so the reduction must be mean or sum`);
  return { name: chosen, factory, options };
}
