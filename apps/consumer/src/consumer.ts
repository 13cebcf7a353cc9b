// What the types must say to a user: this file only has to compile.
import { backward } from '@kindling/autograd';
import {
  createRegistry,
  defineLoss,
  defineOptimizer,
  definePlugin,
  maximum,
  number,
  parameter,
  setDefaultBackend,
  type Tensor,
  tensor,
  zeros,
  zerosLike,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import losses, { huberLoss } from '@kindling/losses';
import { crossEntropyLoss } from '@kindling/losses/crossEntropyLoss';
import { adam } from '@kindling/optimizers/adam';

export const quantileLoss = /* @__PURE__ */ defineLoss({
  name: 'quantileLoss',
  task: 'regression',
  output: 'value',
  options: { quantile: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1 }) },
  compute: ({ quantile }, input: Tensor, target: Tensor) => {
    const error = target.sub(input);
    return maximum(error.mul(quantile), error.mul(quantile - 1));
  },
});

export const signum = /* @__PURE__ */ defineOptimizer({
  name: 'signum',
  options: { lr: number({ default: 1e-3, minimum: 0 }), momentum: number({ default: 0.9, minimum: 0 }) },
  init: (p) => ({ momentumBuffer: zerosLike(p) }),
  scalars: ({ lr, momentum }, step) => ({ lr: lr / Math.sqrt(step), momentum, fresh: 1 - momentum }),
  update: ({ parameter: p, gradient, state, scalars }) => {
    const momentumBuffer = state.momentumBuffer.mul(scalars.momentum).add(gradient.mul(scalars.fresh));
    return { parameter: p.sub(momentumBuffer.sign().mul(scalars.lr)), state: { momentumBuffer } };
  },
});

export default definePlugin({ name: '@acme/kindling-quantile', contract: 1, provides: [quantileLoss, signum] });

export async function train(): Promise<number> {
  setDefaultBackend(await cpu());
  const weight = parameter(zeros([4, 3]));
  const criterion = crossEntropyLoss({ labelSmoothing: 0.1, weight: [1, 1, 2] });
  const optimizer = adam([weight], { lr: 0.1, betas: [0.9, 0.99] });
  const loss = criterion(tensor([[1, 2, 3, 4]]).matmul(weight), tensor([2], { dtype: 'int32' }));
  backward(loss);
  optimizer.step();
  return loss.item();
}

export function mistakes(t: Tensor): void {
  const registry = createRegistry(losses, huberLoss, adam, quantileLoss);
  registry.loss('quantileLoss');
  registry.loss('mseLoss');
  // @ts-expect-error a name that nobody registered
  registry.loss('quantile');
  // @ts-expect-error an option that does not exist
  quantileLoss({ quantil: 0.9 });
  // @ts-expect-error a loss needs its target
  quantileLoss()(t);
  // @ts-expect-error reading is explicit
  if (t < 0.1) return;
  // @ts-expect-error an option of another type
  adam([], { lr: '1e-3' });
}
