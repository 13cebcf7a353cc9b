import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backward } from '@kindling/autograd';
import { manualSeed, parameter, relu, setDefaultBackend, type Tensor, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readCsv } from '@kindling/data/node';
import { linear, sequential } from '@kindling/nn';
import { loadPipeline } from '@kindling/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import plainJsPlugin, { plainJs } from './customBackend.js';
import { lossPlugin, mae, ninetiethPercentile, pinballLoss } from './customLoss.js';
import { signum } from './customOptimizer.js';
import { compareOnCars, registry } from './registryAndCompare.js';
import { servePipeline } from './servePipeline.js';
import { trainByHand } from './trainByHand.js';
import { trainCompiled } from './trainCompiled.js';
import { trainConvolutional } from './trainConvolutional.js';
import { trainOnCsv } from './trainOnCsv.js';

const data = (name: string): string => new URL(`../data/${name}.csv`, import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kindling-examples-'));
  setDefaultBackend(await cpu());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function irisBatches(): Promise<{ width: number; batches: { input: Tensor; target: Tensor }[] }> {
  const table = await readCsv(data('iris'), { target: 'species' });
  const { train } = table.split({ validation: 0, test: 0.2, stratify: true, seed: 0 });
  return { width: train.width, batches: [...train.batches({ size: 16, seed: 0 })] };
}

describe('a model of a table', () => {
  it('is trained, saved, loaded and served', async () => {
    const model = join(folder, 'penguins');
    const { run, scores, predictions } = await trainOnCsv(data('penguins'), model);
    expect(scores.accuracy).toBeGreaterThanOrEqual(0.96);
    expect(['finished', 'early']).toContain(run.stopped);
    expect(run.best.validationLoss).toBeLessThan(run.epochs[0].validationLoss! / 2);
    const [{ prediction, probabilities }] = predictions;
    expect(prediction).toBe('Chinstrap'); // a long bill on Dream
    expect(Object.keys(probabilities!).sort()).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
    expect(Object.values(probabilities!).reduce((a, b) => a + b)).toBeCloseTo(1, 5);

    const rows = [
      { island: 'Biscoe', bill_length_mm: 47, bill_depth_mm: 14.5, flipper_length_mm: 215, body_mass_g: 5100, sex: 'FEMALE' }, // prettier-ignore
      { island: 'Torgersen', bill_length_mm: 38.5, bill_depth_mm: 18, flipper_length_mm: 187, body_mass_g: 3600 },
    ];
    const server = await servePipeline(model);
    try {
      const { port } = server.address() as AddressInfo;
      const post = (body: string) => fetch(`http://127.0.0.1:${port}`, { method: 'POST', body });
      const answer = (await (await post(JSON.stringify(rows))).json()) as { prediction: string }[];
      expect(answer.map((p) => p.prediction)).toEqual(['Gentoo', 'Adelie']);
      expect(answer).toEqual(await (await loadPipeline(model)).predict(rows));
      const wrong = await post('[{"island": 12, "bill_length_mm": "long"}]');
      expect(wrong.status).toBe(400);
      expect(((await wrong.json()) as { error: string }).error).toMatch(/bill_length_mm|island/);
    } finally {
      server.close();
    }
  });
});

describe('a convolutional network', () => {
  it('reads digits', async () => {
    expect(await trainConvolutional(data('digits'), 4)).toBeGreaterThan(0.97);
  });
});

describe('training by hand', () => {
  it('keeps the loss of every step', async () => {
    const { width, batches } = await irisBatches();
    manualSeed(0);
    const model = sequential(linear(width, 16), relu, linear(16, 3));
    const epochs = Array.from({ length: 10 }, () => batches).flat();
    const history = await trainByHand(model, epochs);
    const losses = await Promise.all(history.map((loss) => loss.item()));
    expect(losses).toHaveLength(epochs.length);
    expect(losses[0]).toBeGreaterThan(0.8);
    expect(Math.max(...losses.slice(-batches.length))).toBeLessThan(0.5);
    expect(new Set(losses).size).toBe(losses.length);
  });
  it('stops where the loss diverges', async () => {
    const model = sequential(linear(2, 2));
    const batch = { input: tensor([[1e6, -1e6]]), target: tensor(Int32Array.of(0)) };
    const other = { input: tensor([[1e6, -1e6]]), target: tensor(Int32Array.of(1)) };
    await expect(trainByHand(model, [batch, other, batch, other])).rejects.toThrow('diverged');
  });
  it('is traced once where it is compiled', async () => {
    const { width, batches } = await irisBatches();
    manualSeed(0);
    const model = sequential(linear(width, 16), relu, linear(16, 3));
    const { first, last } = await trainCompiled(model, batches, 30);
    expect(first).toBeGreaterThan(0.8);
    expect(last).toBeLessThan(0.15);
  });
});

describe('a custom loss', () => {
  const [input, target] = [tensor([0, 0, 0]), tensor([1, -1, 2])];
  it('has reductions and options', async () => {
    expect(await ninetiethPercentile(input, target).item()).toBeCloseTo(0.9 + 0.1 + 1.8, 5);
    expect(await pinballLoss()(input, target).item()).toBeCloseTo((0.5 * 4) / 3, 5);
    expect(await mae(input, target).item()).toBeCloseTo(4 / 3, 5);
    expect(() => pinballLoss({ quantile: 1 })).toThrow(/pinballLoss.*quantile/);
    expect(lossPlugin.provides).toEqual([pinballLoss]);
  });
  it('has the gradient that follows from its formula', async () => {
    const p = parameter(tensor([0, 0, 0]));
    backward(ninetiethPercentile(p, target));
    expect(Array.from(await p.grad!.data(), (x) => Math.round(x * 10) / 10)).toEqual([-0.9, 0.1, -0.9]);
  });
  it('finds the quantile', async () => {
    const values = Float32Array.from({ length: 101 }, (_, i) => i);
    const p = parameter(tensor([20]));
    const optimizer = signum([p], { lr: 4, momentum: 0 });
    for (let i = 0; i < 600; i++) {
      optimizer.zeroGrad();
      backward(ninetiethPercentile(p.expand(101), tensor(values)));
      optimizer.step();
    }
    expect(await p.item()).toBeGreaterThan(88);
    expect(await p.item()).toBeLessThan(92);
  });
});

describe('a custom optimizer', () => {
  it('computes what its rule says, with state that can be saved', async () => {
    const options = { lr: 0.1, momentum: 0.5, weightDecay: 0.1 };
    const p = parameter(tensor([1, -2]));
    const optimizer = signum([p], options);
    const expected = [1, -2];
    const buffer = [0, 0];
    for (let step = 1; step <= 5; step++) {
      const gradient = expected.map((x) => 2 * x);
      optimizer.zeroGrad();
      backward(p.mul(p).sum());
      optimizer.step();
      gradient.forEach((g, i) => {
        buffer[i] = buffer[i] * 0.5 + g * 0.5;
        expected[i] = expected[i] * (1 - 0.1 * 0.1) - (0.1 / Math.sqrt(step)) * Math.sign(buffer[i]);
      });
      const found = await p.data();
      expected.forEach((x, i) => {
        expect(found[i]).toBeCloseTo(x, 5);
      });
    }
    const saved = optimizer.stateDict();
    expect(await saved['state.0.momentumBuffer'].data()).toHaveLength(2);
    expect(await saved['state.0.step'].item()).toBe(5);
  });
});

describe('a custom backend', () => {
  it('trains as the CPU does', async () => {
    const train = async (): Promise<number[]> => {
      manualSeed(3);
      const model = sequential(linear(4, 5), relu, linear(5, 3));
      const table = await readCsv(data('iris'), { target: 'species' });
      const { train: rows } = table.split({ validation: 0, test: 0.8, stratify: true, seed: 0 });
      const batches = [...rows.batches({ size: 10, seed: 1 })];
      return Promise.all((await trainByHand(model, batches)).map((loss) => loss.item()));
    };
    setDefaultBackend(await cpu());
    const expected = await train();
    setDefaultBackend(await plainJs());
    const found = await train();
    setDefaultBackend(await cpu());
    expect(found).toHaveLength(3);
    found.forEach((loss, i) => {
      expect(loss).toBeCloseTo(expected[i], 4);
    });
    expect(plainJsPlugin.provides).toEqual([plainJs]);
  });
});

describe('the registry', () => {
  it('finds by name what was registered, and nothing else', () => {
    expect(registry.loss('pinballLoss')).toBe(pinballLoss);
    expect(registry.optimizer('signum')).toBe(signum);
    expect(registry.backend('plain-js')).toBe(plainJs);
    expect(() => registry.loss('pinbal' as never)).toThrow("did you mean 'pinballLoss'");
    expect(registry.entries().map((e) => e.plugin)).toContain('@acme/kindling-pinball');
  });
});

describe('a comparison', () => {
  it('ranks every loss with every optimizer, above the baseline', async () => {
    const { ranking, baseline, test } = await compareOnCars(data('cars'), { maxSteps: 40, folds: 2 });
    expect(ranking).toHaveLength(6);
    expect(ranking[0].tiedWithBest).toBe(true);
    const means = ranking.map((r) => r.mean);
    expect(means).toEqual([...means].sort((a, b) => a - b)); // an error: the least comes first
    expect(means[0]).toBeLessThan(baseline * 0.8);
    expect(test.score).toBeLessThan(test.baseline);
    expect(new Set(ranking.map((r) => r.optimizer))).toEqual(new Set(['adam', 'sgd', 'signum']));
  });
});
