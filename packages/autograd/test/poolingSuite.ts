import { readFileSync } from 'node:fs';
import * as core from '@kindling/core';
import { avgPool2d, type Backend, maxPool1d, maxPool2d, parameter, zeros } from '@kindling/core';
import { expect, test } from 'vitest';
import { backward } from '../src/index.js';
import { agreesWithDifferences, type Differentiated, distinct, equalsPyTorch, type Golden, suiteOn, type Values } from './operationSuite.js'; // prettier-ignore

interface PoolingGolden extends Golden {
  readonly function: 'maxPool2d';
  readonly size: number | number[];
  readonly options: Record<string, never>;
  readonly input: Values;
  readonly inputGradient: Values;
}
const goldens = JSON.parse(
  readFileSync(new URL('goldens/pooling.golden.json', import.meta.url), 'utf8'),
) as PoolingGolden[];

const differentiated: Differentiated[] = [
  ['maxPool, side by side', (x) => maxPool2d(x, 2), [distinct(1, 2, 4, 4)]],
  ['maxPool, overlapping', (x) => maxPool1d(x, 3, { stride: 2, padding: 1 }), [distinct(2, 7)]],
  ['avgPool', (x) => avgPool2d(x, 2, { stride: 1, padding: 1 }), [distinct(1, 2, 3, 3)]],
  ['adaptiveMaxPool', (x) => core.adaptiveMaxPool1d(x, 3), [distinct(2, 7)]],
  ['adaptiveAvgPool', (x) => core.adaptiveAvgPool1d(x, 3), [distinct(2, 7)]],
];

/** Pooling on a backend: values and gradients against PyTorch's, and second derivatives. */
export function poolingSuite(backendName: string, open: () => Promise<Backend>): void {
  suiteOn('pooling', backendName, open, () => {
    equalsPyTorch(goldens, { float32: 2e-6, float64: 1e-14 }, (golden, leaf) => {
      const input = leaf(golden.input);
      return [core[golden.function](input, golden.size, golden.options), [[input, golden.inputGradient]]];
    });
    test('of an empty batch', async () => {
      const input = parameter(zeros([0, 2, 4, 4]));
      const output = maxPool2d(input, 2);
      expect(output.shape).toEqual([0, 2, 2, 2]);
      backward(output.sum().add(avgPool2d(input, 2).sum()));
      expect((await input.grad!.data()).length).toBe(0);
    });
    agreesWithDifferences(differentiated);
  });
}
