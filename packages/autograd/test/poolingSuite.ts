import { readFileSync } from 'node:fs';
import * as core from '@kindling/core';
import {
  type Backend,
  avgPool2d,
  isFloat,
  maxPool1d,
  maxPool2d,
  parameter,
  setDefaultBackend,
  type Tensor,
  tensor,
  zeros,
} from '@kindling/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { backward, gradcheck, valueAndGrad } from '../src/index.js';

interface Values {
  readonly shape: number[];
  readonly data: (number | 'NaN')[];
}
interface Golden {
  readonly name: string;
  readonly function: 'maxPool2d';
  readonly size: number | number[];
  readonly options: Record<string, never>;
  readonly input: Values;
  readonly output: Values;
  readonly weighting: Values;
  readonly inputGradient: Values;
}
const goldens = JSON.parse(readFileSync(new URL('goldens/pooling.golden.json', import.meta.url), 'utf8')) as Golden[];

type Float = 'float32' | 'float64';
const make = ({ shape, data }: Values, dtype: Float): Tensor => tensor(data.map(Number), { shape, dtype });

async function expectClose(actual: Tensor, { shape, data }: Values): Promise<void> {
  expect(actual.shape).toEqual(shape);
  expect(isFloat(actual.dtype)).toBe(true);
  const tolerance = actual.dtype === 'float32' ? 2e-6 : 1e-14;
  const values = await actual.data();
  data.forEach((golden, i) => {
    if (golden === 'NaN') expect(values[i], `element ${i}`).toBeNaN();
    else expect(Math.abs(values[i] - golden), `element ${i}: ${values[i]} and ${golden}`).toBeLessThanOrEqual(tolerance * (1 + Math.abs(golden))); // prettier-ignore
  });
}

/** Distinct values. */
function values(...shape: number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: n }, (_, i) => -1.9 + 3.7 * (((i + n) * 0.6180339887 + 0.213) % 1));
  return tensor(data, { shape });
}
const differentiated: [name: string, fn: (x: Tensor) => Tensor, input: Tensor][] = [
  ['maxPool, side by side', (x) => maxPool2d(x, 2), values(1, 2, 4, 4)],
  ['maxPool, overlapping', (x) => maxPool1d(x, 3, { stride: 2, padding: 1 }), values(2, 7)],
  ['avgPool', (x) => avgPool2d(x, 2, { stride: 1, padding: 1 }), values(1, 2, 3, 3)],
  ['adaptiveMaxPool', (x) => core.adaptiveMaxPool1d(x, 3), values(2, 7)],
  ['adaptiveAvgPool', (x) => core.adaptiveAvgPool1d(x, 3), values(2, 7)],
];

/** Pooling on a backend: values and gradients against PyTorch's, and second derivatives. */
export function poolingSuite(backendName: string, open: () => Promise<Backend>): void {
  describe(`pooling on ${backendName}`, () => {
    beforeAll(async () => {
      const backend = await open();
      setDefaultBackend(backend);
      return async () => {
        setDefaultBackend(undefined);
        await backend.close();
      };
    });
    describe.each(goldens)("equals PyTorch's: $function, $name", (golden) => {
      test.each(['float32', 'float64'] as const)('%s', async (dtype) => {
        const input = parameter(make(golden.input, dtype));
        const output = core[golden.function](input, golden.size, golden.options);
        await expectClose(output, golden.output);
        backward(output.mul(make(golden.weighting, dtype)).sum());
        await expectClose(input.grad!, golden.inputGradient);
      });
    });
    test('of an empty batch', async () => {
      const input = parameter(zeros([0, 2, 4, 4]));
      const output = maxPool2d(input, 2);
      expect(output.shape).toEqual([0, 2, 2, 2]);
      backward(output.sum().add(avgPool2d(input, 2).sum()));
      expect((await input.grad!.data()).length).toBe(0);
    });
    test.each(differentiated)('gradients agree with differences: %s', async (_, fn, input) => {
      await gradcheck(fn, [input]);
      const square = (x: Tensor): Tensor => fn(x).mul(fn(x)).sum();
      const derivative = (x: Tensor): Tensor => valueAndGrad(square, { createGraph: true })(x).grads[0];
      await gradcheck(derivative, [input], { rtol: 1e-5, atol: 1e-6 });
    });
  });
}
