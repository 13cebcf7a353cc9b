import { customGradient, defineLoss, definePlugin, setDefaultBackend, type Tensor } from '@kindling/core';
import { type Case, lossAdmission, referenceBackend } from '@kindling/testkit';
import { expect, test } from 'vitest';
import plugin, {
  bceLoss,
  bceWithLogitsLoss,
  crossEntropyLoss,
  gaussianNLLLoss,
  huberLoss,
  klDivLoss,
  mseLoss,
  nllLoss,
  sparseCategoricalCrossEntropy,
} from '../src/index.js';
import { trials } from './trials.js';

const open = () => Promise.resolve(referenceBackend());
const check = (cases: readonly Case[], what: RegExp): Promise<void> => cases.find(({ name }) => what.test(name))!.run();

const wrong = defineLoss({
  name: 'wrong',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, x: Tensor, t: Tensor) =>
    customGradient([x.sub(t)], ([e]) => e.mul(e), (g, _y, [e]) => [g.mul(e.mul(-2))]), // prettier-ignore
});

test('a loss is tried by being provided, and needs no trial where it takes an input and a target', async () => {
  const usual = [crossEntropyLoss, nllLoss, klDivLoss, sparseCategoricalCrossEntropy, bceLoss, bceWithLogitsLoss, mseLoss, huberLoss]; // prettier-ignore
  const package_ = definePlugin({ name: 'some', contract: 1, provides: usual });
  for (const { run } of lossAdmission('the reference', open, package_, { dtypes: ['float64'] })) await run();
});

test('a loss with a wrong gradient is not admitted', async () => {
  const cases = lossAdmission('the reference', open, wrong);
  await expect(check(cases, /differences/)).rejects.toThrow(/gradient of input 0/);
  await expect(check(cases, /reductions agree/)).resolves.toBeUndefined();
});

test('one that takes other tensors than an input and a target needs a trial', () => {
  expect(() => lossAdmission('x', open, gaussianNLLLoss)).toThrow(
    'lossAdmission: gaussianNLLLoss takes input, target, variance; give it a trial: { trials: { gaussianNLLLoss: { inputs } } }',
  );
});

test('every loss has a trial, and every trial a loss', () => {
  expect(Object.keys(trials).sort()).toEqual(plugin.provides.map((p) => p.lossName as string).sort());
});

test('a loss that compiles anew at each call is not admitted', async () => {
  let calls = 0;
  const restless = defineLoss({
    name: 'restless',
    task: 'regression',
    output: 'value',
    options: {},
    compute: (_options, x: Tensor, t: Tensor) => {
      for (let i = 0; i < calls; i++) x = x.neg().neg();
      calls += 1;
      return x.sub(t).abs();
    },
  });
  setDefaultBackend(undefined);
  await expect(check(lossAdmission('the reference', open, restless), /compiled/)).rejects.toThrow();
  await expect(check(lossAdmission('the reference', open, mseLoss), /compiled/)).resolves.toBeUndefined();
});
