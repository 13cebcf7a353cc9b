import { kernelBackend } from '@kindling/compiler';
import { setDefaultBackend, tensor } from '@kindling/core';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';

gpuSuite('tuning', () => {
  afterEach(() => setDefaultBackend(undefined));
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => (i % 7) - 3);

  test('what is found fastest computes the same, and serves the next device', async () => {
    const tuned = {};
    const product = async (tune: boolean) => {
      const { device } = await openDevice({ tune, tuned });
      const backend = kernelBackend(device);
      setDefaultBackend(backend);
      const [a, b] = [tensor(numbers(48 * 40), { shape: [48, 40] }), tensor(numbers(40 * 36), { shape: [40, 36] })];
      const results = [await a.matmul(b).data()];
      await backend.finished();
      results.push(await a.matmul(b).data());
      await backend.close();
      return results;
    };
    const [before, after] = await product(true);
    expect(after).toEqual(before);
    expect(Object.keys(tuned)).toHaveLength(1);
    const kept = JSON.parse(JSON.stringify(tuned)) as unknown;
    expect(await product(false)).toEqual([before, before]);
    expect(tuned).toEqual(kept);
  });
});
