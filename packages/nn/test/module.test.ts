import {
  compile,
  KindlingError,
  manualSeed,
  ones,
  type Parameter,
  parameter,
  relu,
  type Tensor,
  tensor,
  variable,
  zeros,
} from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { batchNorm1d, dropout, init, linear, mlp, Module, sequential } from '../src/index.js';

beforeEach(useBackend(referenceBackend));
beforeEach(() => {
  manualSeed(0);
});

class Tied extends Module {
  readonly scale = parameter(ones([2]));
  readonly count = variable(zeros([]));
  readonly layers = [linear(2, 2), linear(2, 2, { bias: false })];
  readonly head = this.layers[0];
  override forward(x: Tensor): Tensor {
    return this.layers.reduce((h, layer) => layer.forward(h), x.mul(this.scale));
  }
}

describe('Module', () => {
  test('finds parameters, buffers and modules in fields and arrays, shared ones once', () => {
    const model = new Tied();
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      'scale',
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
    ]);
    expect(model.parameters()).toHaveLength(4);
    expect(model.namedBuffers().map(([name]) => name)).toEqual(['count']);
    expect(model.layers[1].weight.name).toBe('layers.1.weight');
    expect(Object.keys(model.stateDict())).toEqual([
      'scale',
      'count',
      'layers.0.weight',
      'layers.0.bias',
      'layers.1.weight',
    ]);
  });

  test("a sequential's parts have PyTorch's names", () => {
    const model = sequential(linear(4, 3), relu, sequential(linear(3, 2)));
    expect(Object.keys(model.stateDict())).toEqual(['0.weight', '0.bias', '2.0.weight', '2.0.bias']);
  });

  test('train and eval reach everything inside, and a compiled function notices', async () => {
    const model = sequential(linear(2, 2), sequential(dropout(0.5)));
    const run = compile((x: Tensor) => model.forward(x));
    const x = ones([1, 2]);
    await run(x).data();
    model.eval();
    expect((model.layers[1] as Module).training).toBe(false);
    const first = await run(x).data();
    expect(await run(x).data()).toEqual(first);
    expect(first).toEqual(await model.forward(x).data());
    model.train();
    expect((model.layers[1] as Module).training).toBe(true);
  });

  test('a state goes from one model to another', async () => {
    const [a, b] = [mlp(3, 2, { hidden: [4] }), mlp(3, 2, { hidden: [4] })];
    const x = tensor([[1, 2, 3]]);
    expect(await a.forward(x).data()).not.toEqual(await b.forward(x).data());
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [] });
    expect(await b.forward(x).data()).toEqual(await a.forward(x).data());
  });

  test('a state that does not fit is an error that names the entry, and changes nothing', async () => {
    const model = linear(3, 2);
    const before = await model.weight.data();
    expect(() => model.loadStateDict({ weight: zeros([3, 2]), bias: zeros([2]) })).toThrow(
      /'weight' has shape \[3, 2\] in the state and \[2, 3\] in the model/,
    );
    expect(() => model.loadStateDict({ bias: zeros([2]), wieght: zeros([2, 3]) })).toThrow(
      /missing: weight; unexpected: wieght; did you mean 'weight'/,
    );
    expect(await model.weight.data()).toEqual(before);
    const report = model.loadStateDict({ bias: ones([2]), other: ones([1]) }, { strict: false });
    expect(report).toEqual({ missing: ['weight'], unexpected: ['other'] });
    expect(await model.bias!.data()).toEqual(Float32Array.of(1, 1));
  });

  test('a shared parameter may come under any of its names', () => {
    const model = new Tied();
    const state = model.stateDict();
    const renamed: Record<string, Tensor> = { ...state, 'head.weight': state['layers.0.weight'] };
    delete renamed['layers.0.weight'];
    expect(model.loadStateDict(renamed)).toEqual({ missing: [], unexpected: [] });
  });

  test('moves to another backend with its values', async () => {
    const model = sequential(linear(2, 2), batchNorm1d(2)).eval();
    const before = await model.forward(ones([1, 2])).data();
    const other = referenceBackend();
    await model.to(other);
    for (const v of Object.values(model.stateDict())) expect(v.backend).toBe(other);
    expect(await model.forward(ones([1, 2])).data()).toEqual(before);
  });

  test('freezes and thaws', () => {
    const model = mlp(2, 1, { hidden: [3] });
    const flags = (): boolean[] => model.parameters().map((p: Parameter) => p.requiresGrad);
    expect(model.requiresGrad(false)).toBe(model);
    expect(flags()).toEqual([false, false, false, false]);
    model.requiresGrad(true);
    expect(flags()).toEqual([true, true, true, true]);
  });
});

describe('layers', () => {
  test('the same seed gives the same weights, within their bounds', async () => {
    manualSeed(3);
    const a = linear(100, 50);
    manualSeed(3);
    const b = linear(100, 50);
    const weights = await a.weight.data();
    expect(weights).toEqual(await b.weight.data());
    expect(Math.max(...weights)).toBeLessThan(0.1);
    expect(Math.max(...weights)).toBeGreaterThan(0.099);
    expect(Math.min(...(await a.bias!.data()))).toBeLessThan(-0.08);
  });

  test('initialisers have their variances', async () => {
    const spread = async (t: Tensor): Promise<number> => {
      const values = Array.from(await t.data());
      return Math.sqrt(values.reduce((s, x) => s + x * x, 0) / values.length);
    };
    const shape = [60, 40];
    expect(await spread(init.kaimingUniform(shape))).toBeCloseTo(Math.sqrt(2 / 40), 2);
    expect(await spread(init.kaimingNormal(shape, { mode: 'fanOut' }))).toBeCloseTo(Math.sqrt(2 / 60), 2);
    expect(await spread(init.xavierUniform(shape))).toBeCloseTo(Math.sqrt(2 / 100), 2);
    expect(await spread(init.xavierNormal(shape, { gain: 2 }))).toBeCloseTo(2 * Math.sqrt(2 / 100), 1);
    expect(await spread(init.normal(shape, 0, 3))).toBeCloseTo(3, 0);
    expect(await init.constant([2], 5).data()).toEqual(Float32Array.of(5, 5));
    expect(() => init.kaimingUniform([3])).toThrow(/shape \[3\] has no inputs and outputs/);
  });

  test('dropout drops a share, scales the rest, and rests in evaluation', async () => {
    const layer = dropout(0.25);
    const x = ones([100, 100]);
    const out = await layer.forward(x).data();
    const zerosShare = out.filter((v) => v === 0).length / out.length;
    expect(zerosShare).toBeCloseTo(0.25, 1);
    expect(new Set(out)).toEqual(new Set([0, Math.fround(4 / 3)]));
    expect(layer.eval().forward(x)).toBe(x);
    expect(() => dropout(1.5)).toThrow(/from 0 to 1, got 1.5/);
  });

  test('shapes that do not fit are errors that say so', () => {
    expect(() => linear(3, 2).forward(zeros([4, 5]))).toThrow(/shape \[4, 5\], but the layer takes 3 inputs/);
    expect(() => linear(0, 2)).toThrow(/inputs must be a whole number of at least 1, got 0/);
    expect(() => batchNorm1d(2).forward(zeros([1, 2]))).toThrow(/at least 2 rows/);
    expect(() => batchNorm1d(2).forward(zeros([3, 3]))).toThrow(KindlingError);
  });
});
