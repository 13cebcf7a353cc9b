import { inspect } from 'node:util';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { parameter, tensor, variable, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

describe('reading', () => {
  it('item', async () => {
    expect(await tensor(2).item()).toBe(2);
    expect(await tensor([[3]]).item()).toBe(3);
    expect(await tensor([true]).item()).toBe(1);
    expect(tensor([1]).add(1).itemSync()).toBe(2);
    await expect(tensor([1, 2]).item()).rejects.toThrow(
      'item: a tensor of shape [2] has 2 elements, not 1; use data()',
    );
    expect(() => zeros([0]).itemSync()).toThrow('item: a tensor of shape [0] has 0 elements');
  });
  it('data is an array of the dtype, and a copy', async () => {
    const x = tensor(Int32Array.of(1, 2));
    const first = await x.data();
    expect(first).toEqual(Int32Array.of(1, 2));
    first[0] = 9;
    const sum = x.add(0);
    sum.dataSync()[0] = 9;
    expect([await x.data(), await sum.data()]).toEqual([Int32Array.of(1, 2), Int32Array.of(1, 2)]);
    expect(await tensor([true]).data()).toEqual(Uint8Array.of(1));
    expect(await tensor(Float64Array.of(1)).add(1).data()).toEqual(Float64Array.of(2));
  });
  it('toArray', async () => {
    expect(await tensor([[1, 2]]).toArray()).toEqual([[1, 2]]);
    expect(await tensor([1, 2]).lt(2).toArray()).toEqual([true, false]);
    expect(await zeros([2, 0]).toArray()).toEqual([[], []]);
    expect(await tensor(1).toArray()).toBe(1);
  });
  it('evaluates once', () => {
    const x = tensor([1, 2]).add(1);
    x.dataSync();
    expect(x.node.inputs).toEqual([]);
    expect(x.node.value).toBeDefined();
  });
});

describe('tensors among other values', () => {
  it('show their shape and state', () => {
    const x = tensor([1, 2]).add(1);
    expect(String(x)).toBe('Tensor([2], float32, not evaluated yet)');
    x.dataSync();
    expect(inspect(x)).toBe('Tensor([2], float32, evaluated)');
    expect(String(parameter(zeros([2])))).toBe('Parameter([2], float32, evaluated)');
    expect(String(variable(zeros([2])))).toContain('Variable([2], float32');
  });
  it('are not numbers', () => {
    const x = tensor([1]);
    expect(() => +x).toThrow('was used as a number; read it first: await tensor.item()');
    expect(() => (x as unknown as number) < 1).toThrow('was used as a number');
    expect(() => `${x as unknown as number}` + 1).not.toThrow();
  });
  it('have a size', () => {
    expect(zeros([2, 3]).size).toBe(6);
    expect(tensor(1).size).toBe(1);
  });
});
