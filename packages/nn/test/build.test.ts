import { manualSeed, relu, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  activation,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  avgPool2d,
  batchNorm1d,
  batchNorm2d,
  build,
  conv2d,
  convTranspose2d,
  describe as describeModel,
  dropout,
  embedding,
  flatten,
  gelu,
  groupNorm,
  instanceNorm2d,
  layerNorm,
  linear,
  maxPool2d,
  type Module,
  multiheadAttention,
  rmsNorm,
  sequential,
  transformerEncoder,
  transformerEncoderLayer,
  unflatten,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));

describe('architectures as JSON', () => {
  const models: [string, () => Module][] = [
    ['layers', () => sequential(linear(4, 8), relu, dropout(0.2), batchNorm1d(8), linear(8, 2, { bias: false }))],
    ['nested, with options', () => sequential(sequential(linear(4, 4), activation('leakyRelu', { negativeSlope: 0.3 })), gelu, layerNorm([4], { eps: 1e-3 }), flatten(), activation('softmax'))], // prettier-ignore
    ['embedding', () => embedding(5, 3)],
    ['an encoder', () => sequential(transformerEncoder(() => transformerEncoderLayer(4, 2, { dimFeedforward: 8, activation: 'gelu', batchFirst: true }), 2, layerNorm(4)), multiheadAttention(4, 2, { bias: false }), rmsNorm(4))], // prettier-ignore
    ['planes', () => sequential(
      unflatten(1, [1, 2, 2]), conv2d(1, 4, 2, { padding: 'same', paddingMode: 'circular' }), batchNorm2d(4), relu,
      conv2d(4, 4, [1, 3], { stride: [1, 2], padding: [0, 1], groups: 2, bias: false }), groupNorm(2, 4), instanceNorm2d(4, { affine: true }),
      convTranspose2d(4, 2, 2, { stride: 2 }), maxPool2d(2, { stride: 1, padding: 1 }), avgPool2d(2, { countIncludePad: false }),
      adaptiveAvgPool2d([2, 1]), adaptiveMaxPool2d(1), flatten(),
    )], // prettier-ignore
  ];
  test.each(models)('%s come back', async (_, make) => {
    const model = make();
    const json = JSON.parse(JSON.stringify(describeModel(model))) as unknown;
    const again = build(json);
    expect(describeModel(again)).toEqual(json);
    again.loadStateDict(model.stateDict());
    const x = _ === 'embedding' ? tensor([[1, 2]], { dtype: 'int32' }) : tensor([[1, -2, 3, 0.5]]);
    expect(await again.eval().forward(x).data()).toEqual(await model.eval().forward(x).data());
  });

  test('the same seed builds the same weights', async () => {
    manualSeed(1);
    const a = sequential(linear(2, 3), relu, linear(3, 1));
    manualSeed(1);
    const b = build(describeModel(a));
    expect(await b.parameters()[2].data()).toEqual(await a.parameters()[2].data());
  });

  test('what files cannot describe is undefined', () => {
    expect(describeModel(sequential(linear(2, 2), (x) => x.mul(2)))).toBeUndefined();
    expect(describeModel({ forward: 1 })).toBeUndefined();
  });

  const hostile: [string, unknown, RegExp][] = [
    ['no object', 3, /architecture must be an object/],
    ['no type', {}, /architecture.type must be the name of a layer/],
    ['an unknown layer', { type: 'linaer' }, /'linaer', which is no layer of this release; did you mean 'linear'/],
    ['a prototype', { type: 'constructor' }, /no layer of this release/],
    ['a wrong size', { type: 'linear', inputs: -1, outputs: 2 }, /architecture.inputs must be a whole number/],
    ['a huge layer', { type: 'linear', inputs: 2 ** 30, outputs: 2 ** 30 }, /more weights than memory can hold/],
    [
      'a huge kernel',
      { type: 'conv2d', inputs: 2 ** 12, outputs: 2 ** 12, kernelSize: [64, 64] },
      /more weights than memory can hold/,
    ],
    ['a wrong kernel', { type: 'conv2d', inputs: 1, outputs: 1, kernelSize: 'x' }, /kernelSize must be a whole number/],
    [
      'a wrong mode',
      { type: 'conv2d', inputs: 1, outputs: 1, kernelSize: 1, paddingMode: 'y' },
      /architecture is wrong: conv2d: paddingMode is y/,
    ],
    [
      'a foreign part',
      { type: 'transformerEncoder', layers: [{ type: 'flatten' }] },
      /layers\[0\].type must be 'transformerEncoderLayer'/,
    ],
    ['an unknown entry', { type: 'dropout', q: 1 }, /unknown entry 'q'/],
    [
      'a wrong number',
      { type: 'sequential', layers: [{ type: 'dropout', p: 7 }] },
      /layers\[0\] is wrong: dropout: p is/,
    ],
    ['a wrong option', { type: 'elu', alpha: 'x' }, /architecture is wrong/],
    ['no layers', { type: 'sequential' }, /architecture.layers must be an array/],
    ['shapes', { type: 'layerNorm', shape: [2 ** 30, 2 ** 30] }, /must be an array of sizes/],
    [
      'deep nesting',
      Array.from({ length: 100 }).reduce<unknown>((inner) => ({ type: 'sequential', layers: [inner] }), {
        type: 'relu',
      }),
      /nested deeper/,
    ],
  ];
  test.each(hostile)('%s is an error', (_, json, message) => {
    expect(() => build(json)).toThrow(message);
  });
});
