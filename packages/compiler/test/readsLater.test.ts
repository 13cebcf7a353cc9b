import { compile, parameter, setDefaultBackend, type Tensor, tensor, variable, zeros } from '@kindling/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';

describe('on a device that cannot read at once', () => {
  let backend: ReturnType<typeof interpretedBackend>;
  beforeEach(() => {
    backend = interpretedBackend({ readsLater: true });
    setDefaultBackend(backend);
  });
  afterEach(() => setDefaultBackend(undefined));

  it('a value that is read and kept in a variable goes to both', async () => {
    const p = parameter(zeros([3]));
    p.grad = tensor([1, 2, 3]).mul(2);
    expect([...(await p.grad.data())]).toEqual([2, 4, 6]);
    expect([...(await p.grad.data())]).toEqual([2, 4, 6]);
  });

  it('an index out of range is an error at the next read, once', async () => {
    const rows = variable(tensor([[1], [2]]));
    const wrong = rows.gather(0, tensor(new Int32Array([5])).reshape(1, 1));
    await expect(wrong.data()).rejects.toThrow(/out of range/);
    expect([...(await rows.add(0).data())]).toEqual([1, 2]);
  });

  it('results that nobody reads leave the device, and are there when they are read', async () => {
    const step = compile((x: Tensor) => x.add(x));
    const results: Tensor[] = [];
    for (let i = 0; i < 100; i++) {
      results.push(step(tensor([i, i])));
      if (i % 10 === 9) await Promise.resolve();
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(backend.counts.lent).toBeLessThan(40);
    for (const i of [0, 50, 99]) expect([...(await results[i].data())]).toEqual([2 * i, 2 * i]);
    expect([...(await results[0].add(results[99]).data())]).toEqual([198, 198]);
  });
});
