import { manualSeed, setDefaultBackend } from '@kindling/core';
import { fromArrays } from '@kindling/data';
import { crossEntropyLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { dropout, linear, relu, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { referenceBackend } from '@kindling/testkit';
import { expect, it } from 'vitest';
import { evaluate, fit } from '../src/index.js';

setDefaultBackend(referenceBackend());

it('smoke', async () => {
  manualSeed(0);
  const n = 60;
  const input = Float32Array.from({ length: n * 2 }, (_, i) => Math.sin(i * 1.7));
  const target = Int32Array.from({ length: n }, (_, i) => (input[2 * i]! > input[2 * i + 1]! ? 1 : 0));
  const data = fromArrays(input, target, { shape: [-1, 2] });
  const model = sequential(linear(2, 8), relu, dropout(0.1), linear(8, 2));
  const t0 = performance.now();
  const run = await fit(model, data, {
    loss: crossEntropyLoss(),
    optimizer: adam(model.parameters(), { lr: 0.05 }),
    epochs: 20,
    batchSize: 16,
    validation: data,
    metrics: { accuracy },
    earlyStopping: { patience: 5 },
  });
  console.log(performance.now() - t0, run.epochs.length, run.stopped, run.best, await evaluate(model, data, { metrics: { accuracy }, loss: crossEntropyLoss() }));
  expect(run.best.metrics['accuracy']).toBeGreaterThan(0.9);
});
