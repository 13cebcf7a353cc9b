import { compile, parameter, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, expect, test } from 'vitest';
import { backward } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

test.each([false, true])('hooks change the gradient of each backward, compiled: %s', async (compiled) => {
  const p = parameter(tensor([1, 2]));
  const body = () => {
    p.grad = undefined;
    for (let i = 0; i < 2; i++) backward(p.mul(p).sum());
    return p.grad!;
  };
  const run = compiled ? compile(body) : body;
  expect(await run().toArray()).toEqual([4, 8]);
  const remove = p.registerHook((g) => g.mul(10));
  let seen = 0;
  const other = p.registerHook(() => {
    seen += 1;
    return undefined;
  });
  expect(await run().toArray()).toEqual([40, 80]); // each of the two, before they are added
  expect(seen).toBeGreaterThan(0);
  remove();
  expect(await run().toArray()).toEqual([4, 8]);
  other();
  expect(await run().toArray()).toEqual([4, 8]);
});

test('a hook that gives another shape is an error', () => {
  const p = parameter(tensor([1, 2]));
  p.registerHook(() => tensor(1));
  expect(() => {
    backward(p.sum());
  }).toThrow('registerHook: a hook gave');
});
