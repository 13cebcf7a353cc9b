import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { arange, full, fullLike, maximum, ones, onesLike, scalar, tensor, zeros, zerosLike } from '../src/index.js'; // prettier-ignore

beforeAll(useBackend(referenceBackend));

describe('tensor', () => {
  it('of numbers, nested or not', async () => {
    expect(tensor(3)).toMatchObject({ shape: [], dtype: 'float32' });
    expect(tensor([[1, 2], [3, 4]])).toMatchObject({ shape: [2, 2], dtype: 'float32' }); // prettier-ignore
    expect(tensor([])).toMatchObject({ shape: [0], dtype: 'float32' });
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    expect(tensor([true, false])).toMatchObject({ dtype: 'bool' });
    expect(tensor([true, 2]).dtype).toBe('float32');
    expect(await tensor([[[1], [2]]]).toArray()).toEqual([[[1], [2]]]);
  });
  it('of typed arrays', async () => {
    expect(tensor(Float64Array.of(1)).dtype).toBe('float64');
    expect(tensor(Int32Array.of(1)).dtype).toBe('int32');
    expect(tensor(Uint32Array.of(1)).dtype).toBe('uint32');
    expect(tensor(Uint8Array.of(1)).dtype).toBe('bool');
    expect(await tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, -1] }).toArray()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });
  it('of a given dtype', async () => {
    expect(await tensor([1.7, -1.7, NaN, 1e12], { dtype: 'int32' }).toArray()).toEqual([1, -1, 0, 2147483647]);
    expect(await tensor([-1, 5e9], { dtype: 'uint32' }).toArray()).toEqual([0, 4294967295]);
    expect(await tensor([0, 0.5], { dtype: 'bool' }).toArray()).toEqual([false, true]);
    expect(await tensor(Float32Array.of(1.5), { dtype: 'float64' }).item()).toBe(1.5);
    expect(await tensor(Uint8Array.of(0, 200), { dtype: 'float32' }).toArray()).toEqual([0, 200]);
    expect(await tensor(Uint8Array.of(0, 200), { dtype: 'bool' }).toArray()).toEqual([false, true]);
    expect(await tensor(new Int8Array([-5]) as never, { dtype: 'int32' }).item()).toBe(-5);
  });
  it('does not show what happens to the array later', async () => {
    const array = Float32Array.of(1, 2);
    const x = tensor(array);
    const sum = x.sum();
    array[0] = 100;
    expect(await sum.item()).toBe(3);
    expect(await x.toArray()).toEqual([1, 2]);
  });
  it('takes the array itself where asked', () => {
    const array = Float32Array.of(1, 2);
    expect(tensor(array, { copy: false }).node.value).toBe(array);
  });
  it('says what is wrong with the data', () => {
    expect(() => tensor([[1, 2], [3]])).toThrow('tensor: rows differ: expected 2 elements at depth 1, got 1'); // prettier-ignore
    expect(() => tensor([[1], 2] as never)).toThrow('tensor: rows differ: expected 1 elements at depth 1, got 2');
    expect(() => tensor([1, [2]] as never)).toThrow('tensor: found an array where a number was expected');
    expect(() => tensor(['1'] as never)).toThrow('tensor: found 1 where a number was expected');
    expect(() => tensor(undefined as never)).toThrow('tensor: found undefined');
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow('tensor: 3 values do not fill shape [2, 2]');
    expect(() => tensor([1, 2, 3], { shape: [2, -1] })).toThrow('tensor: 3 values do not fill shape [2, -1]');
    expect(() => tensor(Uint8Array.of(3))).toThrow("is bool, 0 and 1, but has the value 3; for numbers give { dtype: 'float32' }"); // prettier-ignore
    expect(() => tensor([1], { dtype: 'int64' as never })).toThrow('there is no dtype int64; it must be float32,');
    expect(() => tensor(new Int16Array(1) as never)).toThrow('tensor: a Int16Array has no dtype of its own');
    expect(() => tensor(new BigInt64Array(1) as never, { dtype: 'int32' })).toThrow('tensor: a BigInt64Array');
  });
});

describe('filled tensors', () => {
  it('zeros, ones, full, arange', async () => {
    expect(await zeros([2, 2]).toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    expect(await ones([3], { dtype: 'int32' }).toArray()).toEqual([1, 1, 1]);
    expect(await full([2], 2.5).toArray()).toEqual([2.5, 2.5]);
    expect(await full([], 7).item()).toBe(7);
    expect(await full([1], NaN).item()).toBe(NaN);
    expect(await full([2], 3, { dtype: 'bool' }).toArray()).toEqual([true, true]);
    expect(await arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(3).dtype).toBe('int32');
    expect(await arange(2, { dtype: 'float64' }).toArray()).toEqual([0, 1]);
    expect(arange(0).shape).toEqual([0]);
  });
  it('like another tensor', async () => {
    const x = tensor(Int32Array.of(1, 2));
    expect(zerosLike(x)).toMatchObject({ shape: [2], dtype: 'int32' });
    expect(await onesLike(x).toArray()).toEqual([1, 1]);
    expect(await fullLike(tensor([1.5]), 0.1).item()).toBe(Math.fround(0.1));
  });
  it('say which sizes there can be', () => {
    expect(() => zeros([-1])).toThrow('does not expand to [-1]');
    expect(() => ones([1.5])).toThrow('does not expand to [1.5]');
    expect(() => arange(-1)).toThrow('arange: needs a whole number of elements, got -1');
  });
});

describe('scalar', () => {
  it('is a number that takes the dtype of what it meets', async () => {
    expect(await tensor([1, 2]).mul(scalar(0.5)).toArray()).toEqual([0.5, 1]);
    expect(tensor(Float64Array.of(1)).mul(scalar(2)).dtype).toBe('float64');
    expect(tensor(Int32Array.of(1)).add(scalar(2, { dtype: 'int32' })).dtype).toBe('int32');
    expect(tensor(Int32Array.of(1)).add(scalar(2)).dtype).toBe('float32');
  });
  it('computes on the host, in float64', async () => {
    const third = scalar(1).div(scalar(3));
    expect(third.shape).toEqual([]);
    expect(await tensor(Float64Array.of(3)).mul(third).item()).toBe(1);
    expect(await scalar(2).pow(scalar(10)).sub(24).sqrt().item()).toBe(Math.fround(Math.sqrt(1000)));
    expect(await maximum(scalar(1), 2).item()).toBe(2);
  });
  it('loses its fraction where a cast says so', async () => {
    expect(await scalar(2.7).to('int32').to('float32').item()).toBe(2);
    expect(await scalar(0.5).to('bool').to('float32').item()).toBe(1);
    expect(await scalar(2.7).to('int32').item()).toBe(2);
  });
});
