import { parameter, type Tensor, zeros } from '@kindling/core';
import { fromArrays } from '@kindling/data';
import { bceLoss, bceWithLogitsLoss, crossEntropyLoss, mseLoss, nllLoss, sparseCategoricalCrossEntropy } from '@kindling/losses'; // prettier-ignore
import { mlp } from '@kindling/nn';
import { beforeEach, describe, expect, test } from 'vitest';
import { balancedOptions, fitsTask, headFor, withHead } from '../src/index.js';
import { greater, line, start } from './common.js';

beforeEach(() => {
  start();
});

describe('headFor', () => {
  test('follows what the loss declares', () => {
    expect(headFor(crossEntropyLoss, 'classification', 3)).toMatchObject({ outputs: 3, activation: undefined, target: 'index' }); // prettier-ignore
    expect(headFor(nllLoss, 'classification', 3)).toMatchObject({ outputs: 3, activation: 'logSoftmax' });
    expect(headFor(sparseCategoricalCrossEntropy, 'binary', 2)).toMatchObject({ outputs: 2, activation: 'softmax' });
    expect(headFor(sparseCategoricalCrossEntropy({ fromLogits: true }), 'binary', 2).activation).toBeUndefined();
    expect(headFor(bceLoss, 'binary', 2)).toMatchObject({ outputs: 1, activation: 'sigmoid', target: 'value' });
    expect(headFor(bceWithLogitsLoss, 'binary', 2)).toMatchObject({ outputs: 1, activation: undefined });
    expect(headFor(mseLoss, 'regression', 0)).toMatchObject({ outputs: 1, target: 'value', standardizeTarget: true });
    const counts = { lossName: 'poisson', task: 'regression', output: 'logRate' } as const;
    expect(headFor(counts, 'regression', 0)).toMatchObject({ outputs: 1, standardizeTarget: false });
  });

  test('says which losses would fit', () => {
    expect(() => headFor(bceWithLogitsLoss, 'classification', 3)).toThrow(/takes exactly two classes; use one of the task classification/); // prettier-ignore
    expect(() => headFor(mseLoss, 'classification', 3)).toThrow(/mseLoss is a loss for regression, not for a target of 3 classes/); // prettier-ignore
    expect(() => headFor(crossEntropyLoss, 'regression', 0)).toThrow(/not for a regression target; use a loss of the task regression/); // prettier-ignore
    expect(fitsTask(crossEntropyLoss, 'regression', 0)).toBe(false);
    expect(fitsTask(crossEntropyLoss, 'binary', 2)).toBe(true);
  });

  test('goes behind any model', async () => {
    const head = headFor(nllLoss, 'classification', 2);
    const w = parameter(zeros([3, 2]));
    const plain = { forward: (x: Tensor) => x.matmul(w), parameters: () => [w], train: () => {} };
    for (const model of [withHead(plain, head), withHead(mlp(3, 2), head)]) {
      const out = await model.forward(zeros([1, 3])).data();
      expect(Math.exp(out[0]) + Math.exp(out[1])).toBeCloseTo(1, 6);
    }
  });
});

describe('balancedOptions', () => {
  const input = new Float32Array(10);
  const data = fromArrays(input, Int32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1), { shape: [-1, 1] });
  test('fits the loss', () => {
    expect(balancedOptions(crossEntropyLoss, data)).toEqual({ weight: [0.625, 2.5] });
    expect(balancedOptions(bceWithLogitsLoss, data)).toEqual({ posWeight: [4] });
  });
  test('is an error where there is nothing to weight', () => {
    expect(() => balancedOptions(bceLoss, data)).toThrow(/bceLoss has no option for them/);
    expect(() => balancedOptions(mseLoss, line())).toThrow(/the target is a number/);
    expect(greater().classes).toHaveLength(2);
  });
});
