import { setDefaultBackend, tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { webgpu } from '@kindling/webgpu-backend';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite } from './gpuSuite.js';
import { mlp } from './mlp.js';

gpuSuite('two backends in one program', () => {
  afterEach(() => setDefaultBackend(undefined));

  test('a model and its optimizer move in training, and the curve goes on', async () => {
    const [host, gpu] = [await cpu(), await webgpu()];
    setDefaultBackend(host);
    const undisturbed = mlp([16, 8, 3], 16);
    const wanted: number[] = [];
    for (let i = 0; i < 30; i++) wanted.push(await undisturbed.step(i).item());

    const moved = mlp([16, 8, 3], 16);
    for (const [i, backend] of [gpu, host, gpu].entries()) {
      await moved.model.to(backend);
      await moved.optimizer.to(backend);
      for (let t = 10 * i; t < 10 * i + 10; t++) expect(await moved.step(t).item()).toBeCloseTo(wanted[t], 5);
      for (const t of [...moved.model.parameters(), moved.optimizer.stateDict()['state.0.expAvg']])
        expect(t.backend).toBe(backend);
    }
    await Promise.all([host.close(), gpu.close()]);
  });

  test('train side by side, and do not mix', async () => {
    const [host, gpu] = [await cpu(), await webgpu()];
    const on = (backend: typeof host) => {
      setDefaultBackend(backend);
      return mlp([16, 8, 3], 16);
    };
    const [a, b] = [on(host), on(gpu)];
    setDefaultBackend(undefined);
    await Promise.all([a.model.to(host), b.model.to(gpu)]);
    for (let i = 0; i < 10; i++) {
      const [x, y] = [a.step(i), b.step(i)];
      expect(await y.item()).toBeCloseTo(await x.item(), 5);
    }
    const [there, here] = [await tensor([1, 2]).to(gpu), await tensor([1, 2]).to(host)];
    await expect(there.add(here).data()).rejects.toThrow("tensors on 'webgpu' and on 'cpu' meet");
    expect([...(await (await there.mul(2).to(host)).add(here).data())]).toEqual([3, 6]);
    await Promise.all([host.close(), gpu.close()]);
  });
});
