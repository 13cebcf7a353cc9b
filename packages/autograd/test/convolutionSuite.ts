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
  zeros,
} from '@kindling/core';
import { expect, test } from 'vitest';
import { backward } from '../src/index.js';
import { agreesWithDifferences, type Differentiated, distinct, equalsPyTorch, type Golden, suiteOn, type Values } from './operationSuite.js'; // prettier-ignore

const functions = { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d };
interface ConvolutionGolden extends Golden {
  readonly function: keyof typeof functions;
  readonly options: Record<string, never>;
  readonly input: Values;
  readonly weight: Values;
  readonly bias: Values | null;
  readonly inputGradient: Values;
  readonly weightGradient: Values;
  readonly biasGradient: Values | null;
}
const goldens = JSON.parse(
  readFileSync(new URL('goldens/convolution.golden.json', import.meta.url), 'utf8'),
) as ConvolutionGolden[];

const differentiated: Differentiated[] = [
  ['1-d', (x, w) => conv1d(x, w, undefined, { padding: 1 }), [distinct(1, 2, 3), distinct(2, 2, 2)]],
  ['stride', (x, w, b) => conv2d(x, w, b, { stride: 2, padding: 1 }), [distinct(1, 2, 4, 3), distinct(2, 2, 3, 2), distinct(2)]], // prettier-ignore
  ['depthwise', (x, w) => conv2d(x, w, undefined, { groups: 2, padding: 1 }), [distinct(1, 2, 3, 3), distinct(2, 1, 2, 2)]], // prettier-ignore
  ['transposed', (x, w) => convTranspose1d(x, w, undefined, { stride: 2 }), [distinct(1, 2, 3), distinct(2, 2, 3)]],
];

/** Convolutions on a backend: values and gradients against PyTorch's, all exact, and second derivatives. */
export function convolutionSuite(backendName: string, open: () => Promise<Backend>): void {
  suiteOn('convolution', backendName, open, () => {
    // the goldens are whole numbers
    equalsPyTorch(goldens, { float32: 0, float64: 0 }, (golden, leaf) => {
      const [input, weight] = [leaf(golden.input), leaf(golden.weight)];
      const bias = golden.bias === null ? undefined : leaf(golden.bias);
      return [
        functions[golden.function](input, weight, bias, golden.options),
        [
          [input, golden.inputGradient],
          [weight, golden.weightGradient],
          ...(bias === undefined ? [] : [[bias, golden.biasGradient!] as const]),
        ],
      ];
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
    agreesWithDifferences(differentiated);
  });
}
