import { cpu } from '@kindling/cpu-backend';
import { type Backend, setDefaultBackend } from '@kindling/core';
import { kernelBackend } from '@kindling/compiler';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { mlp } from './mlp.js';

async function curve(backend: Backend, steps: number): Promise<number[]> {
  setDefaultBackend(backend);
  const { step } = mlp();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(await step(i).item());
  return losses;
}

gpuSuite('training', () => {
  afterEach(() => setDefaultBackend(undefined));

  test("a perceptron has the CPU's losses over 100 steps", async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    const got = await curve(backend, 100);
    const other = await cpu();
    const wanted = await curve(other, 100);
    expect(wanted[99]).toBeLessThan(wanted[0] / 2);
    got.forEach((loss, i) => expect(Math.abs(loss / wanted[i] - 1), `step ${i}`).toBeLessThan(1e-3));
    await Promise.all([backend.close(), other.close()]);
  });

  test('2,000 captured steps take no more memory than 100, and report no error', async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    setDefaultBackend(backend);
    const { step } = mlp([16, 8, 3], 16);
    let after100 = 0;
    for (let i = 0; i < 2000; i++) {
      const loss = step(i);
      if (i % 20 === 19) expect(Number.isFinite(await loss.item())).toBe(true);
      if (i === 99) after100 = device.memory.bytes;
    }
    await backend.finished();
    expect(device.memory.bytes).toBeLessThanOrEqual(after100 * 1.01);
    await backend.close();
  });
});
