import { readFileSync } from 'node:fs';
import { backward } from '@kindling/autograd';
import { type Parameter, parameter, type Tensor, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  activation,
  activationNames,
  batchNorm1d,
  type ChannelNorm,
  embedding,
  init,
  layerNorm,
  linear,
  type Module,
} from '../src/index.js';

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly input: Values;
  readonly output: Values;
  readonly weighting: Values;
  readonly inputGradient: Values | null;
  readonly parameters: Record<string, Values>;
  readonly gradients: Record<string, Values>;
  readonly runningMean?: Values;
  readonly runningVar?: Values;
}
const goldens = JSON.parse(readFileSync(new URL('goldens/layers.golden.json', import.meta.url), 'utf8')) as {
  activations: Record<string, Golden>;
  layers: Record<string, Golden>;
  init: Record<string, number>;
};

type Float = 'float32' | 'float64';
const make = ({ shape, data }: Values, dtype: Float): Tensor => tensor(data, { shape, dtype });

async function expectClose(actual: Tensor, golden: Values, dtype: Float): Promise<void> {
  expect(actual.shape).toEqual(golden.shape);
  const data = await actual.data();
  const greatest = golden.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const [relative, absolute] = dtype === 'float32' ? [1e-5, 1e-6 * greatest] : [1e-10, 1e-13 * greatest];
  golden.data.forEach((x, i) => {
    expect(Math.abs(data[i] - x), `element ${i}: ${data[i]} and ${x}`).toBeLessThanOrEqual(relative * Math.abs(x) + absolute); // prettier-ignore
  });
}

/** Output and all gradients of a layer. */
async function check(layer: (x: Tensor) => Tensor, golden: Golden, dtype: Float, module?: Module): Promise<void> {
  const input =
    golden.inputGradient === null
      ? tensor(golden.input.data, { shape: golden.input.shape, dtype: 'int32' })
      : parameter(make(golden.input, dtype));
  const output = layer(input);
  await expectClose(output, golden.output, dtype);
  backward(layer(input).mul(make(golden.weighting, dtype)).sum());
  if (golden.inputGradient !== null) await expectClose((input as Parameter).grad!, golden.inputGradient, dtype);
  for (const [name, p] of module?.namedParameters() ?? []) await expectClose(p.grad!, golden.gradients[name], dtype);
}

async function checkModule(module: Module, name: string): Promise<void> {
  const golden = goldens.layers[name];
  module.loadStateDict(Object.fromEntries(Object.entries(golden.parameters).map(([n, v]) => [n, make(v, 'float32')])), {
    strict: false,
  });
  await check((x) => module.forward(x), golden, 'float32', module);
}

beforeAll(useBackend(referenceBackend));

describe("activations equal PyTorch's", () => {
  for (const dtype of ['float32', 'float64'] as const)
    for (const name of activationNames.filter((n) => n !== 'identity'))
      test(`${name}, ${dtype}`, async () => {
        const module = activation(name);
        await check((x) => module.forward(x), goldens.activations[name], dtype);
      });
  test('gelu with tanh', async () => {
    const module = activation('gelu', { approximate: 'tanh' });
    await check((x) => module.forward(x), goldens.activations['gelu tanh'], 'float64');
  });
});

describe("layers equal PyTorch's", () => {
  test('linear', () => checkModule(linear(5, 3), 'linear'));
  test('linear over the last of three dimensions, without bias', () =>
    checkModule(linear(5, 3, { bias: false }), 'linear 3d'));
  test('layerNorm', () => checkModule(layerNorm(6), 'layerNorm'));
  test('layerNorm over two dimensions', () => checkModule(layerNorm([2, 3]), 'layerNorm 2d'));
  test('embedding', () => checkModule(embedding(6, 3), 'embedding'));

  async function runningStatistics(module: ChannelNorm, name: string): Promise<void> {
    const golden = goldens.layers[name];
    await checkModule(module, name);
    // checkModule went forward twice; PyTorch once
    const once = batchNorm1d(module.features);
    await once.forward(make(golden.input, 'float32')).data();
    await expectClose(once.runningMean!, golden.runningMean!, 'float32');
    await expectClose(once.runningVar!, golden.runningVar!, 'float32');
  }
  test('batchNorm1d in training', () => runningStatistics(batchNorm1d(4), 'batchNorm1d'));
  test('batchNorm1d of [batch, features, length]', () => runningStatistics(batchNorm1d(3), 'batchNorm1d 3d'));
  test('batchNorm1d in evaluation', async () => {
    const module = batchNorm1d(4).eval();
    const { runningMean, runningVar } = goldens.layers['batchNorm1d'];
    module.loadStateDict(
      { runningMean: make(runningMean!, 'float32'), runningVar: make(runningVar!, 'float32') },
      { strict: false },
    );
    await checkModule(module, 'batchNorm1d eval');
  });
});

test("gains equal PyTorch's", () => {
  for (const [name, gain] of Object.entries(goldens.init))
    expect(init.gainOf(name === 'leaky_relu' ? 'leakyRelu' : (name as 'relu'))).toBeCloseTo(gain, 12);
});
