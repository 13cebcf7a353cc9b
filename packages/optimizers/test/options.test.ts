import { createRegistry, type Fields, type OpenRegistry, parameter, zeros } from '@kindling/core';
import { expect, test } from 'vitest';
import plugin, * as optimizers from '../src/index.js';
import {
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  adan,
  asgd,
  ftrl,
  lion,
  muon,
  nadam,
  radam,
  rmsprop,
  rprop,
  sgd,
} from '../src/index.js';

const some = () => [parameter(zeros([2]))];

test('the package registers its optimizers and schedules, with a description of every option', () => {
  const registry = createRegistry(plugin) as OpenRegistry;
  const registered = registry.entries().map(({ name, provision }) => [name, provision] as const);
  const exported = Object.entries(optimizers).filter(([, v]) => 'kind' in v);
  expect([...registered].sort()).toEqual([...exported].sort());
  for (const [name, { schema }] of registered)
    for (const [option, field] of Object.entries(schema.fields as Fields))
      expect(field.description, `${name}.${option}`).toBeTruthy();
});

test("defaults are PyTorch's", () => {
  const { params: _, ...options } = sgd(some()).groups[0];
  expect(options).toEqual({ lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false });
  expect(adam(some()).groups[0]).toMatchObject({ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  expect(adamw(some()).groups[0]).toMatchObject({ lr: 1e-3, weightDecay: 1e-2, amsgrad: false });
  expect(rmsprop(some()).groups[0]).toMatchObject({ lr: 1e-2, alpha: 0.99, eps: 1e-8, momentum: 0, centered: false });
  expect(adamax(some()).groups[0]).toMatchObject({ lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  expect(nadam(some()).groups[0]).toMatchObject({ lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, momentumDecay: 4e-3 });
  expect(radam(some()).groups[0]).toMatchObject({ lr: 1e-3, decoupledWeightDecay: false });
  expect(adagrad(some()).groups[0]).toMatchObject({ lr: 1e-2, lrDecay: 0, initialAccumulatorValue: 0, eps: 1e-10 });
  expect(adadelta(some()).groups[0]).toMatchObject({ lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0 });
  expect(rprop(some()).groups[0]).toMatchObject({ lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50] });
  expect(asgd(some()).groups[0]).toMatchObject({ lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0 });
  expect(adafactor(some()).groups[0]).toMatchObject({ lr: 1e-2, beta2Decay: -0.8, eps: [undefined, 1e-3], d: 1 });
  expect(muon([parameter(zeros([2, 2]))]).groups[0]).toMatchObject({
    lr: 1e-3,
    weightDecay: 0.1,
    momentum: 0.95,
    nesterov: true,
    nsSteps: 5,
  });
});

test.each<[() => unknown, RegExp]>([
  [() => sgd(some(), { lr: -1 }), /sgd: .*lr.*at least 0/],
  [() => sgd(some(), { momentun: 0.9 } as never), /did you mean 'momentum'/],
  [() => sgd(some(), { nesterov: true }), /sgd: nesterov needs a momentum/],
  [() => sgd(some(), { nesterov: true, momentum: 0.9, dampening: 0.1 }), /no dampening.*0\.1/],
  [() => adam(some(), { betas: [0.9, 1] }), /adam: .*betas.*less than 1/],
  [() => adam(some(), { betas: [0.9] as never }), /betas.*2 numbers/],
  [() => adamw(some(), { weightDecay: -0.1 }), /adamw: .*weightDecay.*at least 0/],
  [() => rmsprop(some(), { eps: -1e-8 }), /rmsprop: .*eps/],
  [() => rprop(some(), { etas: [1.2, 0.5] }), /rprop: etas must be below and above 1/],
  [() => rprop(some(), { stepSizes: [1, 0.1] }), /rprop: stepSizes must be in order/],
  [() => ftrl(some(), { lr: 0 }), /ftrl: lr must be greater than 0/],
  [() => ftrl(some(), { lrPower: 0.5 }), /ftrl: lrPower must be at most 0/],
  [() => adan(some(), { betas: [0.9, 0.9] as never }), /adan: betas must be 3 numbers/],
  [() => adafactor(some(), { eps: [-1, 1e-3] }), /adafactor: eps must be two numbers/],
  [() => lion(some(), { betas: [0.9, 1] }), /lion: betas.*less than 1/],
  [() => muon(some(), { nsSteps: 0 }), /muon: nsSteps.*at least 1/],
  [() => muon(some()), /muon: a parameter of shape \[2\] is no matrix.*adamw: combineOptimizers/],
])('options out of range are errors: %s', (make, message) => {
  expect(make).toThrow(message);
});
