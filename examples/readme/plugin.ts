import { backward } from '@kindling/autograd';
import {
  createRegistry,
  defineLoss,
  defineOptimizer,
  definePlugin,
  maximum,
  minimum,
  number,
  parameter,
  setDefaultBackend,
  type Tensor,
  tensor,
  zerosLike,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';

/** Squared errors, where those of predictions that are too low count more (or less). */
export const expectileLoss = /* @__PURE__ */ defineLoss({
  name: 'expectileLoss',
  task: 'regression',
  output: 'value',
  options: { expectile: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1 }) },
  // one value per element: the reduction comes from the framework, the gradient from autograd
  compute: ({ expectile }, input: Tensor, target: Tensor) => {
    const error = target.sub(input);
    const [low, high] = [maximum(error, 0), minimum(error, 0)];
    return low
      .mul(low)
      .mul(expectile)
      .add(high.mul(high).mul(1 - expectile));
  },
});

/** SGD with momentum that only takes the direction's sign. */
export const signum = /* @__PURE__ */ defineOptimizer({
  name: 'signum',
  options: { lr: number({ default: 1e-3, minimum: 0 }), momentum: number({ default: 0.9, minimum: 0 }) },
  init: (p) => ({ momentumBuffer: zerosLike(p) }),
  // numbers on the host, at every step; they reach the kernel as run-time scalars
  scalars: ({ lr, momentum }, step) => ({ lr: lr / Math.sqrt(step), momentum, fresh: 1 - momentum }),
  // tensor mathematics for one parameter; all of them run as one kernel
  update: ({ parameter: p, gradient, state, scalars }) => {
    const momentumBuffer = state.momentumBuffer.mul(scalars.momentum).add(gradient.mul(scalars.fresh));
    return { parameter: p.sub(momentumBuffer.sign().mul(scalars.lr)), state: { momentumBuffer } };
  },
});

/** What a package exports, so that others and the command line can use both by name. */
export default definePlugin({ name: 'kindling-expectile', contract: 1, provides: [expectileLoss, signum] });

setDefaultBackend(await cpu());
const registry = createRegistry(expectileLoss, signum);
const criterion = registry.loss('expectileLoss')({ expectile: 0.9 });
const prediction = parameter(tensor([0]));
const optimizer = registry.optimizer('signum')([prediction], { lr: 0.5 });
const values = tensor(Array.from({ length: 100 }, (_, i) => i / 10));
for (let i = 0; i < 400; i++) {
  optimizer.zeroGrad();
  backward(criterion(prediction.expand(100), values));
  optimizer.step();
}
console.log(`of the numbers from 0 to 10, the 0.9-expectile is near ${(await prediction.item()).toFixed(0)}`);
