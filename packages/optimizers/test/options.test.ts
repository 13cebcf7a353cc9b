import { createRegistry, type OpenRegistry, parameter, zeros } from '@kindling/core';
import { expect, test } from 'vitest';
import plugin, { adam, adamw, rmsprop, sgd } from '../src/index.js';

const some = () => [parameter(zeros([2]))];

test('the package registers its optimizers, with a description of every option', () => {
  const registry = createRegistry(plugin) as OpenRegistry;
  for (const factory of [sgd, adam, adamw, rmsprop]) {
    expect(registry.optimizer(factory.optimizerName)).toBe(factory);
    for (const [name, field] of Object.entries(factory.schema.fields)) expect(field.description, name).toBeTruthy();
  }
});

test("defaults are PyTorch's", () => {
  const { params: _, ...options } = sgd(some()).groups[0];
  expect(options).toEqual({ lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false });
  expect(adam(some()).groups[0]).toMatchObject({ lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0 });
  expect(adamw(some()).groups[0]).toMatchObject({ lr: 1e-3, weightDecay: 1e-2, amsgrad: false });
  expect(rmsprop(some()).groups[0]).toMatchObject({ lr: 1e-2, alpha: 0.99, eps: 1e-8, momentum: 0, centered: false });
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
])('options out of range are errors: %s', (make, message) => {
  expect(make).toThrow(message);
});
