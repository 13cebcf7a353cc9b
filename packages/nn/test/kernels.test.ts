// How many kernels layers become on the CPU: what is fused today must stay fused.
import { grad } from '@kindling/autograd';
import { compile, conv2d as convolve, manualSeed, parameter, randn, relu, type Tensor, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import * as nn from '../src/index.js';

beforeAll(useBackend(cpu));
beforeAll(() => {
  manualSeed(0);
});

/** The plan of `f` for an input of a shape. */
async function planOf(
  f: (x: Tensor) => Tensor | Tensor[],
  shape: readonly number[],
): Promise<{ kernels: number; work: number; text: string }> {
  const compiled = compile(f);
  compiled(
    tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
      { shape },
    ),
  );
  const text = await compiled.explain();
  const [, kernels, work] = /(\d+) kernels?, (\d+) bytes of workspace/.exec(text)!;
  return { kernels: Number(kernels), work: Number(work), text };
}
/** Of the gradients of input and parameters, with the forward pass that they need. */
const gradientOf = (layer: nn.Module, shape: readonly number[]): ReturnType<typeof planOf> => {
  const p = parameter(randn(shape));
  return planOf((w) => grad(layer.forward(p).mul(w).sum(), [p, ...layer.parameters()]), layer.forward(p).shape);
};

describe('convolution', () => {
  test('with bias and activation is one product, and no windows are in memory', async () => {
    const layer = nn.conv2d(8, 16, 3, { padding: 1 });
    const { kernels, work, text } = await planOf((x) => relu(layer.forward(x)), [4, 8, 16, 16]);
    expect(kernels).toBe(1);
    expect(text).toMatch(/contract batch \(i0<4\) m \(i1<16\) n \(i2<16, i3<16\) k \(i4<8, i5<3, i6<3\)/);
    expect(work).toBeLessThanOrEqual(4 * (4 * 8 * 256 + 4 * 16 * 256));
  });
  test('depthwise is a sum over the taps, not a product with one row', async () => {
    const layer = nn.conv2d(16, 16, 3, { padding: 1, groups: 16 });
    const { kernels, text } = await planOf((x) => relu(layer.forward(x)), [4, 16, 16, 16]);
    expect(kernels).toBe(1);
    expect(text).not.toContain('contract');
  });
  test('has two products as gradients; that of a stride is not spread with zeros', async () => {
    const { text, kernels } = await gradientOf(
      nn.conv2d(8, 16, 3, { padding: 1, stride: 2, bias: false }),
      [4, 8, 16, 16],
    );
    const products = [...text.matchAll(/contract .*/g)].map(([line]) => line).filter((line) => line.includes('i0'));
    expect(kernels).toBe(2);
    // the input's: at y's 8 × 8 places, 8 channels of 2 × 2 phases, from 2 × 2 taps of 16 outputs
    expect(products[0]).toMatch(/m \(i2<8, i4<8\) n \(i1<8, i3<2, i5<2\) k \(i6<16, i7<2, i8<2\)/);
    // the weight's: summed over batch and places
    expect(products[1]).toMatch(/m \(i0<16\) n \(i1<8, i2<3, i3<3\) k \(i4<4, i5<8, i6<8\)/);
  });
  test('of a kernel of one is a plain product', async () => {
    const { kernels, text } = await planOf((x) => convolve(x, x.slice([0, 4]).slice(undefined, undefined, [0, 1], [0, 1])), [4, 6, 5, 5]); // prettier-ignore
    expect(kernels).toBe(1);
    expect(text).toMatch(/n \(i\d<25\) k \(i\d<6\)/);
  });
});

describe('norms', () => {
  const planes = [8, 16, 12, 12];
  test.each<[string, nn.Module, number[], number, number]>([
    ['layerNorm', nn.layerNorm(64), [256, 64], 1, 3],
    ['rmsNorm', nn.rmsNorm(64), [256, 64], 1, 2],
    ['groupNorm', nn.groupNorm(4, 16), planes, 1, 4],
    // and two for the running statistics
    ['batchNorm2d', nn.batchNorm2d(16), planes, 1 + 2, 2 + 2],
  ])('%s', async (_, layer, shape, forward, gradients) => {
    expect((await planOf((x) => layer.forward(x), shape)).kernels).toBe(forward);
    expect((await gradientOf(layer, shape)).kernels).toBe(gradients);
  });
  test('lose no digits where the mean is large', async () => {
    const values = Float32Array.from({ length: 1e6 }, (_, i) => 1000 + (i % 2 === 0 ? 1 : -1));
    const normal = await nn.layerNorm(1e6, { affine: false, eps: 0 }).forward(tensor(values)).data();
    expect(Math.max(...[0, 1, 499_999, 999_999].map((i) => Math.abs(normal[i] - (i % 2 === 0 ? 1 : -1))))).toBeLessThan(1e-4); // prettier-ignore
  });
});

describe('a transformer encoder layer', () => {
  test('is nine kernels: projections, scores, softmax, two products, two sums with norms, two of the feed-forward part', async () => {
    const layer = nn.transformerEncoderLayer(32, 4, { dimFeedforward: 64, dropout: 0, batchFirst: true });
    const { kernels } = await planOf((x) => layer.forward(x, { isCausal: true }), [2, 16, 32]);
    expect(kernels).toBe(9);
  });
});
