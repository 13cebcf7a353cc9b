import { parameter, setDefaultBackend, tensor, variable, zeros } from '@kindling/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';

describe('on a device that cannot read at once', () => {
  beforeEach(() => setDefaultBackend(interpretedBackend({ readsLater: true })));
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
});
