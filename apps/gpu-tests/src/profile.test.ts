import { kernelBackend } from '@kindling/compiler';
import { profile, setDefaultBackend } from '@kindling/core';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { mlp } from './mlp.js';

gpuSuite('profile', () => {
  afterEach(() => setDefaultBackend(undefined));

  test('a step has a time for each kernel, and its numbers are not touched', async () => {
    const { device, gpu } = await openDevice();
    const backend = kernelBackend(device);
    setDefaultBackend(backend);
    const [watched, other] = [mlp([16, 8, 3], 16), mlp([16, 8, 3], 16)];
    for (let i = 0; i < 2; i++) expect(await watched.step(i).item()).toBe(await other.step(i).item());
    let loss: Promise<number>;
    const seen = await profile(() => {
      loss = watched.step(2).item();
    });
    expect(await loss!).toBe(await other.step(2).item());
    const [product] = seen.kernels.filter(({ name }) => name === 'contract 16 × 8, sums of 16');
    expect(product).toMatchObject({ runs: 1, flop: expect.any(Number) as number });
    expect(product.flop).toBeGreaterThanOrEqual(2 * 16 * 8 * 16);
    for (const { ms } of seen.kernels) {
      if (gpu.features.has('timestamp-query')) expect(ms).toBeGreaterThanOrEqual(0);
      else expect(ms).toBeUndefined();
    }
    expect(String(seen)).toContain('contract 16 × 8, sums of 16');
    await backend.close();
  });
});
