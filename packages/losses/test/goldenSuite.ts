import { backward } from '@kindling/autograd';
import { type Backend, isFloat, type LossFactory, Parameter, parameter } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, test } from 'vitest';
import * as losses from '../src/index.js';
import { expectGolden, goldenOptions, goldenTensor, readGoldens, reductions } from './goldens.js';

/** Losses of an input and a target with goldens of their own form. */
export const names = [
  'crossEntropyLoss',
  'nllLoss',
  'sparseCategoricalCrossEntropy',
  'categoricalCrossEntropy',
  'bceWithLogitsLoss',
  'bceLoss',
  'mseLoss',
  'l1Loss',
  'maeLoss',
  'smoothL1Loss',
  'huberLoss',
] as const;

/** Values and gradients of every loss against the goldens, on a backend. */
export function goldenSuite(
  backendName: string,
  open: () => Promise<Backend>,
  dtypes: readonly ('float32' | 'float64')[] = ['float32', 'float64'],
): void {
  describe(`losses equal PyTorch's on ${backendName}`, () => {
    beforeAll(useBackend(open));
    for (const name of names) {
      const goldens = readGoldens(name === 'maeLoss' ? 'l1Loss' : name);
      const factory = losses[name] as unknown as LossFactory;
      for (const dtype of dtypes)
        describe(`${name}, ${dtype}`, () => {
          for (const golden of goldens)
            test(golden.name, async () => {
              for (const reduction of reductions) {
                const input = parameter(goldenTensor(golden.input, dtype));
                const given = goldenTensor(golden.target, dtype);
                const target = isFloat(given.dtype) ? parameter(given) : given;
                const loss = factory({ ...goldenOptions(golden.options, dtype), reduction });
                const value = loss(input, target);
                if (reduction === 'none')
                  backward(value.mul(goldenTensor({ shape: value.shape, data: golden.upstream }, dtype)).sum());
                else backward(value);
                const wanted = golden[reduction];
                const compare = async (t: typeof value | undefined, w: typeof wanted.value, what: string) =>
                  expectGolden(await t!.data(), w, dtype, `${reduction}: ${what}`);
                await compare(value, wanted.value, 'value');
                await compare(input.grad, wanted.input, 'gradient of the input');
                if (wanted.target !== undefined && target instanceof Parameter)
                  await compare(target.grad, wanted.target, 'gradient of the target');
              }
            });
        });
    }
  });
}
