import { manualSeed, type Optimizer, type Parameter, tensor } from '@kindling/core';
import { type Dataset, fromArrays } from '@kindling/data';
import { crossEntropyLoss, mseLoss } from '@kindling/losses';
import { batchNorm1d, linear, mlp, type Module, sequential } from '@kindling/nn';
import {
  adam,
  adamw,
  combineOptimizers,
  ema,
  gradScaler,
  lbfgs,
  muon,
  prodigy,
  sam,
  scheduleFreeAdamW,
  sgd,
  swa,
} from '@kindling/optimizers';
import { beforeEach, describe, expect, test } from 'vitest';
import { evaluate, fit, type FitOptions, updateBatchNorm } from '../src/index.js';
import { greater, line, memoryStore, start } from './common.js';

beforeEach(() => {
  start();
});

/** One of each kind, none of which `fit` knows. */
const kinds: Record<string, (parameters: Parameter[]) => Optimizer> = {
  lbfgs: (p) => lbfgs(p, { lineSearchFn: 'strong_wolfe', maxIter: 4 }),
  sam: (p) => sam(adam(p, { lr: 0.05 }), { rho: 0.02 }),
  prodigy: (p) => prodigy(p, { d0: 1e-3 }),
  scheduleFreeAdamW: (p) => scheduleFreeAdamW(p, { lr: 0.05 }),
  'muon and adamw': (p) =>
    combineOptimizers(
      muon(
        p.filter((x) => x.shape.length === 2),
        { lr: 0.1 },
      ),
      adamw(
        p.filter((x) => x.shape.length !== 2),
        { lr: 0.05 },
      ),
    ),
  ema: (p) => ema(adam(p, { lr: 0.05 }), { decay: 0.9 }),
};
const weightsOf = async (model: Module): Promise<number[]> =>
  (await Promise.all(model.parameters().map((p) => p.data()))).flatMap((x) => Array.from(x as Float32Array));

describe.each(Object.keys(kinds))('fit with %s', (kind) => {
  const begin = () => {
    manualSeed(3);
    const model = mlp(2, 2, { hidden: [6] });
    return { model, optimizer: kinds[kind](model.parameters()) };
  };
  const options: Omit<FitOptions, 'optimizer'> = {
    loss: crossEntropyLoss(),
    epochs: 6,
    batchSize: 16,
    seed: 1,
    validation: greater(40, 500),
  };

  test('learns, and measures the weights that it leaves', async () => {
    const { model, optimizer } = begin();
    const run = await fit(model, greater(), { ...options, optimizer });
    expect(run.stopped).toBe('finished');
    expect(run.epochs.at(-1)!.loss).toBeLessThan(0.6 * run.epochs[0].loss);
    const { loss } = await evaluate(model, options.validation!, { metrics: {}, loss: options.loss });
    expect(loss).toBeCloseTo(run.epochs.at(-1)!.validationLoss!, 6);
  });

  test('resumes as if there had been no break', async () => {
    const whole = begin();
    const expected = await fit(whole.model, greater(), { ...options, optimizer: whole.optimizer });
    const store = memoryStore();
    const first = begin();
    await fit(first.model, greater(), { ...options, optimizer: first.optimizer, epochs: 3, checkpoint: { store } });
    const second = begin();
    manualSeed(99);
    const run = await fit(second.model, greater(), { ...options, optimizer: second.optimizer, checkpoint: { store }, resume: true }); // prettier-ignore
    expect(run.epochs.map((e) => e.validationLoss)).toEqual(expected.epochs.map((e) => e.validationLoss));
    expect(await weightsOf(second.model)).toEqual(await weightsOf(whole.model));
  });
});

test('a run whose losses are scaled resumes with the scale that it had', async () => {
  // twice the greatest scale that does not overflow: the first steps of each start lower it
  const begin = () => {
    manualSeed(3);
    const model = linear(2, 1);
    const optimizer = sgd(model.parameters(), { lr: 0.1, momentum: 0.9 });
    return { model, optimizer, scaler: gradScaler({ initScale: 2 ** 127, growthInterval: 4 }) };
  };
  const options = { loss: mseLoss(), epochs: 4, batchSize: 8, seed: 1 };
  const whole = begin();
  const expected = await fit(whole.model, line(), { ...options, ...whole });
  const checkpoint = { store: memoryStore() };
  const first = begin();
  await fit(first.model, line(), { ...options, ...first, epochs: 2, checkpoint });
  const second = begin();
  const run = await fit(second.model, line(), { ...options, ...second, checkpoint, resume: true });
  expect(run.epochs.map((e) => e.loss)).toEqual(expected.epochs.map((e) => e.loss));
  expect(await weightsOf(second.model)).toEqual(await weightsOf(whole.model));
  expect(await second.scaler.scaleNow.item()).toBe(await whole.scaler.scaleNow.item());
});

describe('accumulate', () => {
  test('several batches are one, also where the last is smaller', async () => {
    const runs = [
      { batchSize: 24, accumulate: 1 },
      { batchSize: 8, accumulate: 3 },
    ].map(async ({ batchSize, accumulate }) => {
      manualSeed(4);
      const model = sequential(linear(2, 4), linear(4, 1));
      const optimizer = sgd(model.parameters(), { lr: 0.1, momentum: 0.5 });
      const seen: number[] = [];
      const run = await fit(model, line(58), {
        ...{ loss: mseLoss(), optimizer, epochs: 3, batchSize, accumulate, seed: 7, clipNorm: 0.5 },
        onStep: ({ step }) => void seen.push(step),
      });
      return { weights: await weightsOf(model), losses: run.epochs.map((e) => e.loss), seen };
    });
    const [whole, parts] = [await runs[0], await runs[1]];
    expect(parts.seen).toEqual(whole.seen);
    parts.weights.forEach((w, i) => {
      expect(w).toBeCloseTo(whole.weights[i], 5);
    });
    parts.losses.forEach((l, i) => {
      expect(l).toBeCloseTo(whole.losses[i], 5);
    });
  });

  test("an epoch's loss is the mean over rows for reduction 'sum', too", async () => {
    const losses = (['mean', 'sum'] as const).map(async (reduction) => {
      manualSeed(4);
      const model = linear(2, 1);
      const optimizer = sgd(model.parameters(), { lr: 0 });
      const run = await fit(model, line(58), { loss: mseLoss({ reduction }), optimizer, epochs: 1, batchSize: 8, accumulate: 3 }); // prettier-ignore
      return run.epochs[0].loss;
    });
    expect(await losses[1]).toBeCloseTo(await losses[0], 5);
  });

  test('goes with losses that are scaled and gradients that are clipped', async () => {
    const runs = [undefined, gradScaler({ initScale: 1024 })].map(async (scaler) => {
      manualSeed(4);
      const model = linear(2, 1);
      const optimizer = sgd(model.parameters(), { lr: 0.1 });
      await fit(model, line(58), { loss: mseLoss(), optimizer, epochs: 2, batchSize: 8, accumulate: 3, seed: 7, clipNorm: 0.5, scaler }); // prettier-ignore
      return weightsOf(model);
    });
    const [plain, scaled] = [await runs[0], await runs[1]];
    scaled.forEach((w, i) => {
      expect(w).toBeCloseTo(plain[i], 6);
    });
  });

  test('works with an optimizer that wants a closure', async () => {
    const model = mlp(2, 2, { hidden: [6] });
    const optimizer = lbfgs(model.parameters(), { lineSearchFn: 'strong_wolfe', maxIter: 4 });
    const run = await fit(model, greater(), { loss: crossEntropyLoss(), optimizer, epochs: 4, batchSize: 15, accumulate: 4 }); // prettier-ignore
    expect(run.epochs.at(-1)!.loss).toBeLessThan(0.5 * run.epochs[0].loss);
  });
});

/** `line`, with a row that no number can be learnt from. */
function spoiled(): Dataset {
  const inputs = Float32Array.from({ length: 80 }, (_, i) => Math.sin(i));
  const targets = Float32Array.from({ length: 40 }, (_, i) => 2 * inputs[2 * i] - inputs[2 * i + 1]);
  targets[3] = NaN;
  return fromArrays(inputs, targets, { shape: [-1, 2] });
}

describe('steps that are left out', () => {
  test.each(['skip', 'scaler'])('%s: training goes on, and the epoch counts the other rows', async (how) => {
    const model = linear(2, 1);
    const run = await fit(model, spoiled(), {
      ...{ loss: mseLoss(), optimizer: sgd(model.parameters(), { lr: 0.2 }), epochs: 30, batchSize: 4, seed: 0 },
      ...(how === 'skip' ? { nonFinite: 'skip' as const } : { scaler: gradScaler({ initScale: 1024 }) }),
    });
    expect(run.stopped).toBe('finished');
    expect(run.epochs.at(-1)!.loss).toBeLessThan(1e-3);
    const [a, b] = await model.weight.data();
    expect(a).toBeCloseTo(2, 1);
    expect(b).toBeCloseTo(-1, 1);
  });

  test("the epoch's loss is that of the other rows, for reduction 'sum', too", async () => {
    const losses = (['mean', 'sum'] as const).map(async (reduction) => {
      manualSeed(4);
      const model = linear(2, 1);
      const optimizer = sgd(model.parameters(), { lr: 0 });
      const run = await fit(model, spoiled(), { loss: mseLoss({ reduction }), optimizer, epochs: 1, batchSize: 4, nonFinite: 'skip' }); // prettier-ignore
      return run.epochs[0].loss;
    });
    expect(await losses[1]).toBeCloseTo(await losses[0], 5);
  });

  test('without it, training stops', async () => {
    const model = linear(2, 1);
    const run = await fit(model, spoiled(), { loss: mseLoss(), optimizer: sgd(model.parameters()), epochs: 2, batchSize: 4 }); // prettier-ignore
    expect(run.stopped).toBe('nan');
  });
});

describe('batch norms of averaged weights', () => {
  test('updateBatchNorm: the mean of the statistics of the batches', async () => {
    const norm = batchNorm1d(1);
    const model = sequential(norm, linear(1, 1));
    model.train(true);
    model.forward(tensor([[100], [300]]));
    model.train(false);
    await updateBatchNorm([tensor([[1], [3]]), tensor([[5], [11]])], model);
    expect(await norm.runningMean!.item()).toBeCloseTo((2 + 8) / 2, 5);
    expect(await norm.runningVar!.item()).toBeCloseTo((2 + 18) / 2, 5);
    expect(norm.momentum).toBe(0.1);
    expect(model.training).toBe(false);
  });

  test('fit leaves those of the weights that it leaves', async () => {
    const first = linear(2, 3);
    const norm = batchNorm1d(3);
    const model = sequential(first, norm, linear(3, 1));
    const data = line(40);
    const optimizer = swa(sgd(model.parameters(), { lr: 0.1 }), { start: 3 });
    await fit(model, data, { loss: mseLoss(), optimizer, epochs: 4, batchSize: 20, refreshBatchNorm: true });
    const hidden: Float32Array[] = [];
    for (const { input } of data.all()) hidden.push((await first.forward(input).data()) as Float32Array);
    const column = Array.from(hidden[0]).filter((_, i) => i % 3 === 0);
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    expect((await norm.runningMean!.data())[0]).toBeCloseTo(mean, 5);
  });
});
