import { readFileSync } from 'node:fs';
import {
  type Backend,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
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
  readonly data: number[];
}
interface Golden {
  readonly name: string;
  readonly function: keyof typeof functions;
  readonly options: Record<string, never>;
  readonly input: Values;
  readonly weight: Values;
  readonly bias: Values | null;
  readonly output: Values;
  readonly weighting: Values;
  readonly inputGradient: Values;
  readonly weightGradient: Values;
  readonly biasGradient: Values | null;
}
const functions = { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d };
const goldens = JSON.parse(
  readFileSync(new URL('goldens/convolution.golden.json', import.meta.url), 'utf8'),
) as Golden[];

type Float = 'float32' | 'float64';
const make = ({ shape, data }: Values, dtype: Float): Tensor => tensor(data, { shape, dtype });

async function expectEqual(actual: Tensor | undefined, { shape, data }: Values): Promise<void> {
  expect(actual!.shape).toEqual(shape);
  // the goldens are whole numbers, and 0 has no sign there
  expect(Array.from(await actual!.data(), (x) => x + 0)).toEqual(data);
}

/** Distinct values. */
function values(...shape: number[]): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: n }, (_, i) => -1.9 + 3.7 * (((i + n) * 0.6180339887 + 0.213) % 1));
  return tensor(data, { shape });
}

type Case = [name: string, fn: (...x: Tensor[]) => Tensor, inputs: Tensor[]];
const differentiated: Case[] = [
  ['1-d', (x, w) => conv1d(x, w, undefined, { padding: 1 }), [values(1, 2, 3), values(2, 2, 2)]],
  ['stride', (x, w, b) => conv2d(x, w, b, { stride: 2, padding: 1 }), [values(1, 2, 4, 3), values(2, 2, 3, 2), values(2)]], // prettier-ignore
  ['depthwise', (x, w) => conv2d(x, w, undefined, { groups: 2, padding: 1 }), [values(1, 2, 3, 3), values(2, 1, 2, 2)]],
  ['transposed', (x, w) => convTranspose1d(x, w, undefined, { stride: 2 }), [values(1, 2, 3), values(2, 2, 3)]],
];

/** Convolutions on a backend: values and gradients against PyTorch's, all exact, and second derivatives. */
export function convolutionSuite(backendName: string, open: () => Promise<Backend>): void {
  describe(`convolution on ${backendName}`, () => {
    beforeAll(async () => {
      const backend = await open();
      setDefaultBackend(backend);
      return async () => {
        setDefaultBackend(undefined);
        await backend.close();
      };
    });
    describe.each(goldens)('equals PyTorch: $name', (golden) => {
      test.each(['float32', 'float64'] as const)('%s', async (dtype) => {
        const input = parameter(make(golden.input, dtype));
        const weight = parameter(make(golden.weight, dtype));
        const bias = golden.bias === null ? undefined : parameter(make(golden.bias, dtype));
        const output = functions[golden.function](input, weight, bias, golden.options);
        await expectEqual(output, golden.output);
        backward(output.mul(make(golden.weighting, dtype)).sum());
        await expectEqual(input.grad, golden.inputGradient);
        await expectEqual(weight.grad, golden.weightGradient);
        if (bias !== undefined) await expectEqual(bias.grad, golden.biasGradient!);
      });
    });
    test('of an empty batch', async () => {
      const [input, weight] = [parameter(zeros([0, 2, 5, 5])), parameter(zeros([3, 2, 3, 3]))];
      const output = conv2d(input, weight, undefined, { stride: 2 });
      expect(output.shape).toEqual([0, 3, 2, 2]);
      expect((await output.data()).length).toBe(0);
      backward(output.sum());
      expect(input.grad!.shape).toEqual([0, 2, 5, 5]);
      expect(await weight.grad!.data()).toEqual(new Float32Array(54));
    });
    test.each(differentiated)('gradients agree with differences: %s', async (_, fn, inputs) => {
      await gradcheck(fn, inputs);
    });
    test.each(differentiated)('second derivatives agree with differences: %s', async (_, fn, inputs) => {
      const square = (...xs: Tensor[]): Tensor => {
        const y = fn(...xs);
        return y.mul(y).sum();
      };
      for (const i of inputs.keys()) {
        const derivative = (...xs: Tensor[]): Tensor => valueAndGrad(square, { createGraph: true })(...xs).grads[i];
        await gradcheck(derivative, inputs, { rtol: 1e-5, atol: 1e-6 });
      }
    });
  });
}
