import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { Tensor, tensor, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const cube = tensor(
  Float32Array.from({ length: 24 }, (_, i) => i),
  { shape: [2, 3, 4] },
);
const subsets = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];

/** The elements of `cube` that a reduction over `dims` combines, for each place of the result. */
function groups(dims: readonly number[]): number[][] {
  const found = new Map<string, number[]>();
  for (let i = 0; i < 24; i++) {
    const index = [Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4];
    const key = index.filter((_, d) => !dims.includes(d)).join();
    found.set(key, [...(found.get(key) ?? []), i]);
  }
  return [...found.values()];
}
const list = (t: Tensor): number[] => Array.from(t.dataSync());

describe('over every set of dimensions', () => {
  it.each(subsets)('%j %j %j', (...dims) => {
    const expected = groups(dims);
    const shape = [2, 3, 4].filter((_, d) => !dims.includes(d));
    expect(cube.sum(dims).shape).toEqual(shape);
    expect(list(cube.sum(dims))).toEqual(expected.map((g) => g.reduce((a, b) => a + b)));
    expect(list(cube.mean(dims))).toEqual(expected.map((g) => Math.fround(g.reduce((a, b) => a + b) / g.length)));
    expect(list(cube.max(dims))).toEqual(expected.map((g) => Math.max(...g)));
    expect(list(cube.min(dims))).toEqual(expected.map((g) => Math.min(...g)));
    const kept = cube.sum(dims, { keepDim: true });
    expect(kept.shape).toEqual([2, 3, 4].map((n, d) => (dims.includes(d) ? 1 : n)));
    expect(list(kept)).toEqual(list(cube.sum(dims)));
  });
  it('all dimensions where none is named', () => {
    expect(cube.sum().shape).toEqual([]);
    expect(list(cube.sum())).toEqual([276]);
    expect(cube.sum(undefined, { keepDim: true }).shape).toEqual([1, 1, 1]);
    expect(list(tensor(5).sum())).toEqual([5]);
  });
  it('counts from the end', () => {
    expect(list(cube.sum(-1))).toEqual(list(cube.sum(2)));
    expect(list(cube.max([-3, -1]))).toEqual(list(cube.max([0, 2])));
  });
});

describe('single reductions', () => {
  it('prod', () => {
    expect(list(tensor([[1, 2], [3, 4]]).prod(0))).toEqual([3, 8]); // prettier-ignore
    expect(list(tensor([2, NaN]).prod())).toEqual([NaN]);
  });
  it('argmax and argmin take the first', () => {
    const x = tensor([[1, 5, 5], [7, 0, 0]]); // prettier-ignore
    expect(list(x.argmax(1))).toEqual([1, 0]);
    expect(list(x.argmin(1))).toEqual([0, 1]);
    expect(list(x.argmax())).toEqual([3]);
    expect(x.argmax(0)).toMatchObject({ dtype: 'int32', shape: [3] });
    expect(x.argmax(0, { keepDim: true }).shape).toEqual([1, 3]);
    expect(list(tensor(Int32Array.of(-2), { shape: [] }).argmax())).toEqual([0]); // not the value, though it is int32
  });
  it('NaN wins', () => {
    const x = tensor([1, NaN, 3, NaN]);
    expect(list(x.max())).toEqual([NaN]);
    expect(list(x.min())).toEqual([NaN]);
    expect(list(x.argmax())).toEqual([1]);
    expect(list(x.argmin())).toEqual([1]);
    expect(list(x.sum())).toEqual([NaN]);
  });
  it('infinities', () => {
    expect(list(tensor([-Infinity, -Infinity]).max())).toEqual([-Infinity]);
    expect(list(tensor([-Infinity, Infinity]).sum())).toEqual([NaN]);
    expect(list(tensor([-Infinity, -Infinity]).argmax())).toEqual([0]);
  });
  it('any and all', () => {
    const x = tensor([[0, 0], [0, 2]]); // prettier-ignore
    expect(truths(x.any(1))).toEqual([false, true]);
    expect(truths(x.all(0))).toEqual([false, false]);
    expect(list(tensor([1, NaN]).all())).toEqual([1]);
    expect(x.any()).toMatchObject({ dtype: 'bool', shape: [] });
  });
  it('integers and bool', () => {
    expect(tensor([true, true]).sum()).toMatchObject({ dtype: 'int32' });
    expect(list(tensor([true, true, false]).sum())).toEqual([2]);
    expect(list(tensor([true, false]).max())).toEqual([1]);
    expect(list(tensor(Int32Array.of(2147483647, 1)).sum())).toEqual([-2147483648]);
    expect(tensor(Int32Array.of(1, 2)).mean()).toMatchObject({ dtype: 'float32' });
    expect(list(tensor(Int32Array.of(1, 2)).mean())).toEqual([1.5]);
  });
  it('sums of float32 do not lose what float32 cannot hold on the way', () => {
    expect(list(tensor([1e8, 1, -1e8]).sum())).toEqual([1]);
  });
});

const truths = (t: Tensor): boolean[] => list(t).map((x) => x !== 0);

describe('of nothing', () => {
  const empty = zeros([0, 2]);
  it('has a neutral result where there is one', () => {
    expect(list(empty.sum(0))).toEqual([0, 0]);
    expect(list(empty.prod(0))).toEqual([1, 1]);
    expect(list(empty.mean(0))).toEqual([NaN, NaN]);
    expect(list(empty.any(0))).toEqual([0, 0]);
    expect(list(empty.all(0))).toEqual([1, 1]);
    expect(list(empty.max(1))).toEqual([]);
  });
  it('has no greatest element', () => {
    expect(() => empty.max(0)).toThrow('max: dimension 0 of shape [0, 2] is empty and has no extreme value');
    expect(() => empty.argmin()).toThrow('argmin: dimension 0');
  });
});

it('names the dimension that is not there', () => {
  expect(() => cube.sum(3)).toThrow('sum: dimension 3 is out of range for shape [2, 3, 4]; use -3 to 2');
  expect(() => cube.max([0, 0])).toThrow('max: dimension 0 is named twice');
  expect(() => cube.sum([0, -3])).toThrow('sum: dimension 0 is named twice');
  expect(() => tensor(1).mean(0)).toThrow('mean: dimension 0 is out of range for shape []; use no dimension');
});
