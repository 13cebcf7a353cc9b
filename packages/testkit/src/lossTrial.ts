import { type LossFactory, neededInputs } from '@kindling/core';
import type { LossTrial, TrialInput } from './lossAdmission.js';

const shape = [2, 3];
const labels: TrialInput = { values: [2, 0], shape: [2], integers: true };
const shares = [0.2, 0.3, 0.5, 0.6, 0.1, 0.3];

const input = (...values: number[]): TrialInput => ({ values, shape });
const none = (integers?: true): TrialInput => integers ? { values: [], shape: [0], integers } : { values: [], shape: [0, 3] }; // prettier-ignore

/** What a loss of an input and a target is tried with where its author says nothing, by what it declares. */
export function defaultLossTrial({ inputs, task, output }: LossFactory): LossTrial | undefined {
  if (neededInputs(inputs).length !== 2 || output === 'embedding') return undefined;
  const tasks = typeof task === 'string' ? [task] : task;
  const huge = input(1e5, -1e5, 0, 1e5, -1e5, 3);
  const given = {
    logits: input(0.3, -1.2, 1.9, 1.4, 0.2, -0.7),
    value: input(0.3, -1.2, 1.9, 1.4, 0.2, -0.7),
    logRate: input(0.3, -1.2, 1.9, 1.4, 0.2, -0.7),
    probabilities: input(0.2, 0.3, 0.45, 0.7, 0.1, 0.25),
    logProbabilities: input(-0.3, -1.2, -1.9, -1.4, -0.2, -0.7),
  }[output];
  const extreme = { logits: huge, value: huge, logRate: undefined, probabilities: undefined, logProbabilities: huge }[output]; // prettier-ignore
  const byIndex = tasks.includes('classification');
  const target = byIndex ? labels : tasks.includes('regression') ? input(0.5, -0.4, 1.1, 0.9, -0.3, 0.2) : input(...shares); // prettier-ignore
  return {
    inputs: [given, target],
    empty: [none(), none(byIndex ? true : undefined)],
    ...(extreme === undefined ? {} : { extreme: [extreme, target] }),
  };
}
