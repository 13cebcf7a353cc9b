import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { Tensor, tensor, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const counted = (...shape: number[]): Tensor =>
  tensor(Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1), { shape }); // prettier-ignore

describe('matmul', () => {
  it('of matrices', async () => {
    expect(await tensor([[1, 2], [3, 4]]).matmul(tensor([[5, 6], [7, 8]])).toArray()).toEqual([[19, 22], [43, 50]]); // prettier-ignore
    expect(counted(2, 3).matmul(counted(3, 5)).shape).toEqual([2, 5]);
  });
  it('of vectors', async () => {
    const v = tensor([1, 2]);
    const m = tensor([[1, 2], [3, 4]]); // prettier-ignore
    expect(await v.matmul(v).toArray()).toBe(5);
    expect(await v.matmul(m).toArray()).toEqual([7, 10]);
    expect(await m.matmul(v).toArray()).toEqual([5, 11]);
  });
  it('of batches that broadcast', async () => {
    const [a, b] = [counted(2, 1, 2, 3), counted(4, 3, 2)];
    const product = a.matmul(b);
    expect(product.shape).toEqual([2, 4, 2, 2]);
    const rows = (await product.toArray()) as number[][][][];
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 4; j++) expect(rows[i][j]).toEqual(await a.slice(i, 0).matmul(b.slice(j)).toArray());
    expect(await counted(2, 2, 3).matmul(counted(3, 1)).toArray()).toEqual([[[14], [32]], [[50], [68]]]); // prettier-ignore
    expect(counted(2, 2, 3).matmul(tensor(Float64Array.of(1, 1, 1))).shape).toEqual([2, 2]);
    expect(counted(3).matmul(counted(2, 3, 4)).shape).toEqual([2, 4]);
  });
  it('of transposes', async () => {
    const [a, b] = [counted(2, 3), counted(2, 4)];
    expect(await a.transpose().matmul(b).toArray()).toEqual([[11, 14, 17, 20], [16, 20, 24, 28], [21, 26, 31, 36]].map((row, i) => row.map((_, j) => (1 + i) * (1 + j) + (4 + i) * (5 + j)))); // prettier-ignore
  });
  it('of nothing', async () => {
    expect(await zeros([2, 0]).matmul(zeros([0, 2])).toArray()).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    expect(zeros([0, 3]).matmul(zeros([3, 2])).shape).toEqual([0, 2]);
  });
  it('of integers and bool', async () => {
    const i = tensor(Int32Array.of(65536, 1), { shape: [1, 2] });
    expect(await i.matmul(i.transpose()).toArray()).toEqual([[1]]);
    const b = tensor([[true, true]]);
    expect(b.matmul(b.transpose())).toMatchObject({ dtype: 'int32' });
    expect(await b.matmul(b.transpose()).toArray()).toEqual([[2]]);
    expect(i.matmul(zeros([2, 1])).dtype).toBe('float32');
  });
  it('names the shapes that do not multiply', () => {
    expect(() => zeros([2, 3]).matmul(zeros([2, 3]))).toThrow(
      'matmul: shapes [2, 3] and [2, 3] do not multiply: the last dimension of the first (3) must equal the second to last of the second (2)',
    );
    expect(() => zeros([3]).matmul(zeros([2]))).toThrow('must equal the first of the second (2)');
    expect(() => zeros([]).matmul(zeros([2]))).toThrow('both need at least one dimension');
    expect(() => zeros([2, 2, 2]).matmul(zeros([3, 2, 2]))).toThrow('matmul: shapes [2] and [3] do not broadcast');
  });
});
