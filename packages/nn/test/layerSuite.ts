import { readFileSync } from 'node:fs';
import { backward } from '@kindling/autograd';
import { arange, type Backend, parameter, type Tensor, tensor } from '@kindling/core';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import * as nn from '../src/index.js';

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly input: Values;
  readonly output: Values;
  readonly weighting: Values;
  readonly inputGradient: Values;
  readonly parameters: Record<string, Values>;
  readonly gradients: Record<string, Values>;
  readonly runningMean?: Values;
  readonly runningVar?: Values;
  readonly mask?: Values;
  readonly key?: Values;
  readonly value?: Values;
}
const { layers: goldens } = JSON.parse(
  readFileSync(new URL('goldens/layers.golden.json', import.meta.url), 'utf8'),
) as { layers: Record<string, Golden> };

const make = ({ shape, data }: Values): Tensor => tensor(data, { shape });
const causal = (): Tensor => arange(5).unsqueeze(1).lt(arange(5));
const padding = (): Tensor => tensor([[false, false, false, false, false], [false, false, false, true, true]]); // prettier-ignore

type Case = [golden: string, layer: () => nn.Module, call?: (layer: never, x: Tensor, golden: Golden) => Tensor];
const attend =
  (options: (golden: Golden) => nn.AttendOptions) =>
  (layer: nn.MultiheadAttention, x: Tensor, golden: Golden): Tensor =>
    layer.forward(x, x, x, options(golden));
const encoderLayer = (options?: nn.TransformerEncoderLayerOptions): nn.TransformerEncoderLayer =>
  nn.transformerEncoderLayer(6, 2, { dimFeedforward: 8, dropout: 0, ...options });

const cases: Case[] = [
  ['conv1d', () => nn.conv1d(3, 4, 3, { padding: 1 })],
  ['conv2d', () => nn.conv2d(2, 4, [3, 2], { stride: 2, padding: [1, 0], groups: 2 })],
  ['conv2d reflect', () => nn.conv2d(2, 2, 3, { padding: [2, 1], paddingMode: 'reflect' })],
  ['conv2d replicate', () => nn.conv2d(2, 2, 3, { padding: [2, 1], paddingMode: 'replicate' })],
  ['conv2d circular', () => nn.conv2d(2, 2, 3, { padding: [2, 1], paddingMode: 'circular' })],
  ['conv2d same', () => nn.conv2d(1, 2, [2, 4], { padding: 'same', paddingMode: 'circular', bias: false })],
  ['convTranspose2d', () => nn.convTranspose2d(2, 3, 3, { stride: 2, padding: 1, outputPadding: 1 })],
  ['batchNorm2d', () => nn.batchNorm2d(3)],
  ['batchNorm3d', () => nn.batchNorm3d(2)],
  ['groupNorm', () => nn.groupNorm(2, 6)],
  ['groupNorm of vectors', () => nn.groupNorm(2, 6)],
  ['instanceNorm2d', () => nn.instanceNorm2d(3)],
  ['instanceNorm1d', () => nn.instanceNorm1d(3, { affine: true, trackRunningStats: true })],
  ['instanceNorm1d without a batch', () => nn.instanceNorm1d(3)],
  ['rmsNorm', () => nn.rmsNorm(5)],
  ['attention', () => nn.multiheadAttention(6, 2)],
  ['attention, causal', () => nn.multiheadAttention(6, 2, { bias: false }), attend(() => ({ attnMask: causal() }))],
  ['attention, causal', () => nn.multiheadAttention(6, 2, { bias: false }), attend(() => ({ isCausal: true }))],
  ['attention, batch first, padding', () => nn.multiheadAttention(6, 2, { batchFirst: true }), attend(() => ({ keyPaddingMask: padding() }))], // prettier-ignore
  ['attention, added mask, padding', () => nn.multiheadAttention(6, 2), attend((golden) => ({ attnMask: make(golden.mask!), keyPaddingMask: padding() }))], // prettier-ignore
  ['attention to others', () => nn.multiheadAttention(6, 3, { kDim: 3, vDim: 7 }), (layer: nn.MultiheadAttention, x, golden) => layer.forward(x, make(golden.key!), make(golden.value!))], // prettier-ignore
  ['encoder layer', () => encoderLayer()],
  ['encoder layer, norm first, gelu', () => encoderLayer({ normFirst: true, activation: 'gelu', batchFirst: true })],
  ['encoder', () => nn.transformerEncoder(encoderLayer, 2, nn.layerNorm(6)), (layer: nn.TransformerEncoder, x) => layer.forward(x, { mask: causal() })], // prettier-ignore
];

async function expectClose(actual: Tensor, golden: Values, name: string): Promise<void> {
  expect(actual.shape, name).toEqual(golden.shape);
  const data = await actual.data();
  const greatest = golden.data.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  golden.data.forEach((x, i) => {
    expect(Math.abs(data[i] - x), `${name}, element ${i}: ${data[i]} and ${x}`).toBeLessThanOrEqual(1e-5 * Math.abs(x) + 1e-6 * greatest); // prettier-ignore
  });
}

/** Layers on a backend: output and all gradients against PyTorch's, with PyTorch's names of the parameters. */
export function layerSuite(backendName: string, open: () => Promise<Backend>): void {
  describe(`layers equal PyTorch's on ${backendName}`, () => {
    beforeAll(useBackend(open));
    test.each(cases)('%s', async (name, layer, call) => {
      const golden = goldens[name];
      const module = layer();
      const own = Object.fromEntries(module.namedBuffers());
      module.loadStateDict({ ...own, ...Object.fromEntries(Object.entries(golden.parameters).map(([n, v]) => [n, make(v)])) }); // prettier-ignore
      const input = parameter(make(golden.input));
      const output = call === undefined ? module.forward(input) : call(module as never, input, golden);
      await expectClose(output, golden.output, 'output');
      backward(output.mul(make(golden.weighting)).sum());
      await expectClose(input.grad!, golden.inputGradient, 'input gradient');
      for (const [n, p] of module.namedParameters()) await expectClose(p.grad!, golden.gradients[n], n);
      if (golden.runningMean === undefined) return;
      await expectClose(own['runningMean'], golden.runningMean, 'runningMean');
      await expectClose(own['runningVar'], golden.runningVar!, 'runningVar');
    });
  });
}
