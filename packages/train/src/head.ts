import { KindlingError, type Model, neededInputs, type Output, type Task } from '@kindling/core';
import type { DataTask, TargetForm } from '@kindling/data';
import { activation, type ActivationName, Module, sequential } from '@kindling/nn';

/** What a loss needs from the end of a model, and from the targets of a table. */
export interface Head {
  /** How many numbers the model computes for a row. */
  readonly outputs: number;
  /** What has to follow the last layer, because the loss expects probabilities; undefined where nothing has to. */
  readonly activation: Extract<ActivationName, 'softmax' | 'sigmoid' | 'logSoftmax'> | undefined;
  /** What the numbers mean. */
  readonly output: Output;
  /** How batches must hold the targets. */
  readonly target: TargetForm;
  /** Whether a regression target may be standardised; not where the loss is about counts or rates. */
  readonly standardizeTarget: boolean;
}

/** What `headFor` looks at: every loss factory and every configured loss has it. */
export interface LossTraits {
  readonly lossName: string;
  readonly task: Task | readonly Task[];
  /** The tensors that it takes; those that may be left out end with a question mark. Default an input and a target. */
  readonly inputs?: readonly string[];
  readonly output: Output;
}

/**
 * The head that a loss needs for a task. Losses of classes get one output a class; losses of the binary task alone,
 * such as `bceWithLogitsLoss`, get one output and targets 0 and 1. Pass a configured loss where its options decide
 * what it expects, as `fromLogits` does.
 * @throws KindlingError where the loss does not fit the task.
 */
export function headFor(loss: LossTraits, task: DataTask, classes: number): Head {
  const tasks = typeof loss.task === 'string' ? [loss.task] : loss.task;
  const { output } = loss;
  const needed = neededInputs(loss.inputs ?? ['input', 'target']);
  if (needed.length !== 2)
    throw new KindlingError(
      `${loss.lossName} needs ${needed.length} tensors (${needed.join(', ')}), and a row of a table has an input and a target; call it in a loop of your own`,
    );
  if (task === 'regression') {
    if (!tasks.includes('regression') || output === 'embedding') throw misfit(loss, tasks, task, classes);
    return { outputs: 1, activation: undefined, output, target: 'value', standardizeTarget: output === 'value' };
  }
  if (output !== 'logits' && output !== 'probabilities' && output !== 'logProbabilities')
    throw misfit(loss, tasks, task, classes);
  if (tasks.includes('classification')) {
    const after = output === 'logits' ? undefined : output === 'probabilities' ? 'softmax' : 'logSoftmax';
    return { outputs: classes, activation: after, output, target: 'index', standardizeTarget: false };
  }
  if (!tasks.includes('binary') || classes !== 2 || output === 'logProbabilities')
    throw misfit(loss, tasks, task, classes);
  const after = output === 'probabilities' ? 'sigmoid' : undefined;
  return { outputs: 1, activation: after, output, target: 'value', standardizeTarget: false };
}

/** Whether `headFor` has an answer. */
export function fitsTask(loss: LossTraits, task: DataTask, classes: number): boolean {
  try {
    headFor(loss, task, classes);
    return true;
  } catch {
    return false;
  }
}

/** The model with the head's activation behind it, or as it is where there is none. */
export function withHead(model: Model, head: Head): Model {
  if (head.activation === undefined) return model;
  const after = activation(head.activation);
  if (model instanceof Module) return sequential(model, after);
  return {
    forward: (input) => after.forward(model.forward(input)),
    parameters: () => model.parameters(),
    train: (on) => {
      model.train(on);
    },
  };
}

function misfit(loss: LossTraits, tasks: readonly Task[], task: DataTask, classes: number): KindlingError {
  const wanted = task === 'regression' ? 'a regression target' : `a target of ${classes} classes`;
  const hint =
    task === 'regression'
      ? 'use a loss of the task regression, such as mseLoss, l1Loss, smoothL1Loss or huberLoss'
      : tasks.includes('binary')
        ? 'it takes exactly two classes; use one of the task classification, such as crossEntropyLoss'
        : `use a loss of the task classification, such as crossEntropyLoss${classes === 2 ? ', or of the task binary, such as bceWithLogitsLoss' : ''}`;
  return new KindlingError(`${loss.lossName} is a loss for ${tasks.join(' and ')}, not for ${wanted}; ${hint}`);
}
