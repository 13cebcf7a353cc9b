import { kernelBackend } from '@kindling/compiler';
import { backward } from '@kindling/autograd';
import { type Backend, compile, manualSeed, relu, setDefaultBackend, type Tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import type { Dataset } from '@kindling/data';
import { crossEntropyLoss } from '@kindling/losses';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { webgpu } from '@kindling/webgpu-backend';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { mlp } from './mlp.js';
import { mnistRows, table } from './tables.js';

/** The losses of 100 steps of Adam, from seed 0. */
async function curve(backend: Backend, data: Dataset, hidden: number, batchSize: number): Promise<number[]> {
  setDefaultBackend(backend);
  manualSeed(0);
  const model = sequential(linear(data.width, hidden), relu, linear(hidden, data.classes.length));
  const criterion = crossEntropyLoss();
  const optimizer = adam(model.parameters(), { lr: 1e-3 });
  const step = compile((input: Tensor, target: Tensor) => {
    optimizer.zeroGrad();
    const loss = criterion(model.forward(input), target);
    backward(loss);
    optimizer.step();
    return loss;
  });
  const losses: Tensor[] = [];
  for (let epoch = 0; losses.length < 100; epoch++)
    for (const { input, target } of data.batches({ size: batchSize, seed: epoch, dropLast: true }))
      if (losses.length < 100) losses.push(step(input, target));
  return Promise.all(losses.map((loss) => loss.item()));
}

gpuSuite('training', () => {
  afterEach(() => setDefaultBackend(undefined));

  test.each([
    ['iris', () => table('iris', 'species'), 16, 16],
    ['digits', () => table('digits', 'digit'), 64, 32],
    ['MNIST', mnistRows, 64, 32],
  ] as const)("%s has the CPU's losses over 100 steps", async (_, load, hidden, batchSize) => {
    const data = await load();
    const [host, gpu] = [await cpu(), await webgpu()];
    const wanted = await curve(host, data, hidden, batchSize);
    const got = await curve(gpu, data, hidden, batchSize);
    expect(wanted[99]).toBeLessThan(wanted[0] * 0.8);
    got.forEach((loss, i) => {
      expect(Math.abs(loss / wanted[i] - 1), `step ${i}: ${loss}, not ${wanted[i]}`).toBeLessThan(1e-3);
    });
    await Promise.all([host.close(), gpu.close()]);
  });

  test('5,000 captured steps take no more memory than the first 500, and report no error', async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    setDefaultBackend(backend);
    const { step } = mlp([16, 8, 3], 16);
    // how many losses are on their way to the host differs from step to step: the most there have been counts
    let [first, later] = [0, 0];
    for (let i = 0; i < 5000; i++) {
      const loss = step(i);
      if (i % 20 === 19) expect(Number.isFinite(await loss.item())).toBe(true);
      const { bytes } = device.memory;
      if (i < 500) first = Math.max(first, bytes);
      else later = Math.max(later, bytes);
    }
    await backend.finished();
    expect(later).toBeLessThanOrEqual(first);
    await backend.close();
  });
});
