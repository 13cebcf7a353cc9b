import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { asIndices, concat, oneHot, stack, Tensor, tensor, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
const ints = (data: number[], shape = [data.length]): Tensor => tensor(Int32Array.from(data), { shape });

describe('gather', () => {
  it('takes along a dimension', async () => {
    expect(await x.gather(1, ints([2, 0, 0, 1], [2, 2])).toArray()).toEqual([[3, 1], [4, 5]]); // prettier-ignore
    expect(await x.gather(0, ints([1, 0, 1], [1, 3])).toArray()).toEqual([[4, 2, 6]]);
    expect(await x.gather(-1, ints([1, 2], [2, 1])).toArray()).toEqual([[2], [6]]);
  });
  it('takes an index with fewer rows than the data', async () => {
    expect(await x.gather(1, ints([2], [1, 1])).toArray()).toEqual([[3]]);
  });
  it('takes uint32 and empty indices', async () => {
    expect(await x.gather(0, tensor(Uint32Array.of(1), { shape: [1, 1] })).item()).toBe(4);
    expect(x.gather(0, ints([], [0, 3])).shape).toEqual([0, 3]);
  });
  it('reports an index out of range at the next read, once', async () => {
    const bad = x.gather(1, ints([0, 7], [2, 1]));
    await expect(bad.data()).rejects.toThrow('gather: index 7 is out of range for dimension 1 of shape [2, 3]; use 0 to 2'); // prettier-ignore
    expect(await bad.toArray()).toEqual([[1], [6]]);
    expect(() => x.gather(0, ints([-1, 0, 0], [1, 3])).dataSync()).toThrow('gather: index -1');
  });
  it('says what the index must be', () => {
    expect(() => x.gather(0, tensor([[0]]))).toThrow('gather: the index must be integers, got float32; cast it with');
    expect(() => x.gather(0, ints([0]))).toThrow('gather: an index of shape [1] does not fit data of shape [2, 3]');
    expect(() => x.gather(1, zeros([3, 1]).to('int32'))).toThrow('it needs as many dimensions, and no more rows');
    expect(() => x.gather(2, ints([0], [1, 1]))).toThrow('gather: dimension 2 is out of range');
  });
});

describe('scatterAdd', () => {
  it('adds, also where indices repeat', async () => {
    const base = tensor([[10, 20, 30]]);
    const sum = base.scatterAdd(1, ints([0, 2, 0], [1, 3]), tensor([[1, 2, 3]]));
    expect(await sum.toArray()).toEqual([[14, 20, 32]]);
    expect(await base.toArray()).toEqual([[10, 20, 30]]);
    expect(await zeros([3, 1]).scatterAdd(0, ints([2, 2], [2, 1]), tensor([[1], [5]])).toArray()).toEqual([[0], [0], [6]]); // prettier-ignore
  });
  it('reports an index out of range', async () => {
    await expect(zeros([2]).scatterAdd(0, ints([2]), tensor([1])).data()).rejects.toThrow('scatterAdd: index 2 is out'); // prettier-ignore
  });
  it('says what fits', () => {
    expect(() => zeros([2]).scatterAdd(0, ints([0]), tensor([1, 2]))).toThrow(
      'scatterAdd: the source (float32 [2]) must have the shape of the index [1] and the dtype of the base (float32)',
    );
    expect(() => tensor([true]).scatterAdd(0, ints([0]), tensor([true]))).toThrow('scatterAdd: bool does not add up');
  });
});

describe('indexSelect', () => {
  it('takes rows or columns', async () => {
    expect(await x.indexSelect(0, ints([1, 1, 0])).toArray()).toEqual([[4, 5, 6], [4, 5, 6], [1, 2, 3]]); // prettier-ignore
    expect(await x.indexSelect(-1, ints([2])).toArray()).toEqual([[3], [6]]);
    expect(x.indexSelect(0, ints([])).shape).toEqual([0, 3]);
    expect(() => x.indexSelect(0, ints([0], [1, 1]))).toThrow('indexSelect: the index must be 1-d, got shape [1, 1]');
  });
});

describe('concat and stack', () => {
  it('join', async () => {
    const y = tensor([[7, 8, 9]]);
    expect(await concat([x, y]).toArray()).toEqual([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
    expect(await concat([x, x, x.slice(undefined, [0, 1])], -1).toArray()).toEqual([[1, 2, 3, 1, 2, 3, 1], [4, 5, 6, 4, 5, 6, 4]]); // prettier-ignore
    expect(await stack([tensor([1, 2]), tensor([3, 4])]).toArray()).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    expect(await stack([tensor([1, 2]), tensor([3, 4])], 1).toArray()).toEqual([[1, 3], [2, 4]]); // prettier-ignore
    expect(await stack([tensor(1), tensor(2)]).toArray()).toEqual([1, 2]);
    expect(await concat([zeros([0]), tensor([1]), zeros([0])]).toArray()).toEqual([1]);
  });
  it('keep −0, NaN and ∞ as they are', () => {
    const odd = Float32Array.of(-0, NaN, Infinity);
    expect(concat([tensor(odd), tensor(odd)]).dataSync()).toEqual(Float32Array.of(...odd, ...odd));
  });
  it('keep every dtype', async () => {
    expect(await concat([tensor([true]), tensor([false])]).toArray()).toEqual([true, false]);
    expect(concat([ints([1]), ints([2])]).dtype).toBe('int32');
  });
  it('name what does not go together', () => {
    expect(() => concat([])).toThrow('concat: needs at least one tensor');
    expect(() => concat([x, zeros([2, 2])])).toThrow('concat: float32 [2, 2] does not go with float32 [2, 3]');
    expect(() => concat([x, x.to('int32')])).toThrow('concat: int32 [2, 3] does not go with float32 [2, 3]');
    expect(() => concat([x], 2)).toThrow('concat: dimension 2 is out of range');
  });
});

describe('class indices', () => {
  it('oneHot', async () => {
    expect(await oneHot(ints([2, 0]), 3).toArray()).toEqual([[0, 0, 1], [1, 0, 0]]); // prettier-ignore
    expect(oneHot(ints([1, 1], [1, 2]), 4, { dtype: 'bool' })).toMatchObject({ shape: [1, 2, 4], dtype: 'bool' });
  });
  it('asIndices takes integers, and whole numbers from plain arrays', () => {
    expect(asIndices('loss', ints([1])).dtype).toBe('int32');
    expect(asIndices('loss', tensor(Uint32Array.of(1))).dtype).toBe('int32');
    expect(asIndices('loss', tensor([1, 2])).dtype).toBe('int32');
    expect(() => asIndices('loss', tensor([1, 2.5]))).toThrow('loss: a class index is a whole number, got 2.5');
    expect(() => asIndices('loss', tensor(Float32Array.of(1)))).toThrow(
      'loss: a target of dtype float32 and shape [1] is neither class indices nor class probabilities',
    );
  });
});
