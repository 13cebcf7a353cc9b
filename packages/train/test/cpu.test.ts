import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualSeed, relu } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readCsv } from '@kindling/data/node';
import { crossEntropyLoss, huberLoss, mseLoss } from '@kindling/losses';
import { accuracy, r2 } from '@kindling/metrics';
import { dropout, linear, mlp, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { useBackend } from '@kindling/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compare, evaluate, fit, type FitOptions, type FitResult, loadPipeline, savePipeline } from '../src/index.js';
import { memoryStore } from './common.js';

const tables = new URL('../../../data/', import.meta.url).pathname;
let folder: string;
beforeAll(useBackend(cpu));
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kindling-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('from a CSV to a served model', async () => {
  manualSeed(0);
  const table = await readCsv(join(tables, 'penguins.csv'), { target: 'species' });
  const { train, validation, test: rows, preprocessing } = table.split({ validation: 0.15, test: 0.15, seed: 0 });
  const model = sequential(linear(train.width, 32), relu, linear(32, train.classes.length));
  const loss = crossEntropyLoss({ labelSmoothing: 0.05 });
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  const run = await fit(model, train, { loss, optimizer, epochs: 100, batchSize: 32, validation, earlyStopping: { patience: 10 } }); // prettier-ignore
  expect(run.stopped).toBe('early');
  const measured = await evaluate(model, rows, { metrics: { accuracy }, loss });
  expect(measured.accuracy).toBeGreaterThan(0.95);
  await savePipeline(join(folder, 'model'), { preprocessing, model, loss });
  const pipeline = await loadPipeline(join(folder, 'model'));
  const row = { island: 'Dream', bill_length_mm: 46.5, bill_depth_mm: null, sex: 'female' };
  const [{ prediction, probabilities }] = await pipeline.predict([row]);
  expect(table.classes).toContain(prediction);
  expect(Object.values(probabilities!).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
});

test('a regression reaches what the data give', async () => {
  manualSeed(0);
  const table = await readCsv(join(tables, 'cars.csv'), { target: 'miles_per_gallon' });
  const { train, validation, test: rows } = table.split({ seed: 0 });
  const model = mlp(train.width, 1, { hidden: [32] });
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  await fit(model, train, { loss: mseLoss(), optimizer, epochs: 60, batchSize: 32, validation, earlyStopping: { patience: 15 } }); // prettier-ignore
  expect((await evaluate(model, rows, { metrics: { r2 } })).r2).toBeGreaterThan(0.75);
});

test('a resumed run continues exactly the same curve', async () => {
  const table = await readCsv(join(tables, 'iris.csv'), { target: 'species' });
  const { train, validation } = table.split({ seed: 1 });
  const go = async (more: Partial<FitOptions>): Promise<{ run: FitResult; weights: unknown[] }> => {
    manualSeed(5);
    const model = sequential(linear(4, 16), relu, dropout(0.2), linear(16, 3));
    const optimizer = adam(model.parameters(), { lr: 0.01 });
    const run = await fit(model, train, { loss: crossEntropyLoss(), optimizer, epochs: 6, batchSize: 16, validation, ...more }); // prettier-ignore
    return { run, weights: await Promise.all(model.parameters().map((p) => p.data())) };
  };
  const whole = await go({});
  const abort = new AbortController();
  const store = memoryStore();
  await go({ checkpoint: { store }, signal: abort.signal, onStep: ({ step }) => step === 17 && abort.abort() });
  const rest = await go({ checkpoint: { store }, resume: true });
  const curve = ({ run }: typeof whole): unknown => run.epochs.map((e) => ({ ...e, seconds: 0 }));
  expect(curve(rest)).toEqual(curve(whole));
  expect(rest.weights).toEqual(whole.weights);
});

test('a comparison finds what works', async () => {
  const table = await readCsv(join(tables, 'diabetes.csv'), { target: 'progression' });
  const result = await compare({
    table,
    model: (inputs, outputs) => mlp(inputs, outputs, { hidden: [16] }),
    losses: [mseLoss, huberLoss],
    optimizers: [adam],
    lr: [0.01, 0.1],
    maxSteps: 80,
    folds: 3,
    metric: 'r2',
  });
  expect(result.ranking[0].mean).toBeGreaterThan(0.35);
  expect(result.baseline).toBeLessThan(0.01);
  expect(result.test.score).toBeGreaterThan(0.3);
});
