import { integer, number, type Tensor } from '@kindling/core';
import { decoupledDecay } from './options.js';

/** The options that both schedule-free optimizers have. */
export const scheduleFreeOptions = () => ({
  weightDecay: decoupledDecay(0),
  warmupSteps: integer({ default: 0, minimum: 0, description: 'steps in which the learning rate rises to its value' }),
  r: number({ default: 0, minimum: 0, description: 'the power of the step that weighs it in the average' }),
  weightLrPower: number({ default: 2, minimum: 0, description: 'the power of the learning rate that weighs a step' }),
});

/** The greatest learning rate so far, the sum of all weights, and the share of this step in the average. */
export type Averaging = Readonly<Record<'lrMax' | 'weightSum' | 'share', number>>;

/** Before the first step. */
export const averagingStart: Averaging = { lrMax: -1, weightSum: 0, share: 0 };

/** The share of a step in the average of all: by its number, and by the greatest learning rate so far. */
export function averaging(
  rate: number,
  { r, weightLrPower }: { readonly r: number; readonly weightLrPower: number },
  step: number,
  before: Averaging,
): Averaging {
  const lrMax = Math.max(rate, before.lrMax);
  const weight = step ** r * lrMax ** weightLrPower;
  const weightSum = before.weightSum + weight;
  return { lrMax, weightSum, share: weightSum === 0 ? 0 : weight / weightSum };
}

/** The learning rate during the warm-up. */
export function warmedUp({ lr, warmupSteps }: { lr: number; warmupSteps: number }, step: number): number {
  return step <= warmupSteps ? (lr * step) / warmupSteps : lr;
}

/** Parameter y and iterate z after a step along `direction`. */
export function scheduleFreeStep(
  y: Tensor,
  z: Tensor,
  direction: Tensor,
  { share, rate, inner }: Readonly<Record<'share' | 'rate' | 'inner', Tensor>>,
): { parameter: Tensor; z: Tensor } {
  return { parameter: y.add(z.sub(y).mul(share)).add(direction.mul(inner)), z: z.sub(direction.mul(rate)) };
}

/** The average x, which is between z and y of y = β·x + (1 − β)·z. */
export function averageOf(y: Tensor, z: Tensor, beta: number): Tensor {
  return y.add(z.sub(y).mul(1 - 1 / beta));
}
