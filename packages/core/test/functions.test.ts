import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  clamp,
  expm1,
  log1p,
  logSigmoid,
  logSoftmax,
  logSumExp,
  maximum,
  minimum,
  relu,
  scaledDotProductAttention,
  scan,
  sigmoid,
  softmax,
  softplus,
  std,
  Tensor,
  tensor,
  variance,
  where,
  zeros,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const of = (...xs: number[]): Tensor => tensor(xs, { dtype: 'float64' });
const list = (t: Tensor): number[] => Array.from(t.dataSync());
const near = (xs: number[]): unknown[] => xs.map((x) => (Number.isFinite(x) && x !== 0 ? expect.closeTo(x, 13) : x));

describe('functions of one tensor', () => {
  const tiny = 1e-300;
  const cases: [string, (x: Tensor) => Tensor, number[], number[]][] = [
    ['relu', relu, [-1, 0, 2, -Infinity, NaN], [0, 0, 2, 0, NaN]],
    ['sigmoid', sigmoid, [0, 2, -1000, 1000, NaN], [0.5, 1 / (1 + Math.exp(-2)), 0, 1, NaN]],
    ['softplus', softplus, [0, 1000, -1000, -Infinity, Infinity], [Math.LN2, 1000, 0, 0, Infinity]],
    ['logSigmoid', logSigmoid, [0, -1000, 1000], [-Math.LN2, -1000, -0]],
    ['log1p', log1p, [1, -1, -2, Infinity], [Math.LN2, -Infinity, NaN, Infinity]],
    ['expm1', expm1, [1, -Infinity, 1000, NaN], [Math.E - 1, -1, Infinity, NaN]],
  ];
  it.each(cases)('%s', (_, operation, input, output) => {
    expect(list(operation(of(...input)))).toEqual(near(output));
  });
  it('log1p and expm1 are accurate near 0', () => {
    for (const x of [tiny, 1e-17, -1e-10, 1e-5, 0.1, -0.3]) {
      expect(list(log1p(of(x)))[0] / Math.log1p(x)).toBeCloseTo(1, 14);
      expect(list(expm1(of(x)))[0] / Math.expm1(x)).toBeCloseTo(1, 14);
    }
    expect(list(log1p(tensor([1e-10])))).toEqual([Math.fround(1e-10)]);
    expect(list(softplus(tensor([-30])))[0] / Math.exp(-30)).toBeCloseTo(1, 6);
  });
  it('are float32 for integers', () => {
    for (const operation of [sigmoid, softplus, log1p, expm1])
      expect(operation(tensor(Int32Array.of(1)))).toMatchObject({ dtype: 'float32' });
    expect(list(sigmoid(tensor(Int32Array.of(0))))).toEqual([0.5]);
    expect(list(relu(tensor(Int32Array.of(-3, 3))))).toEqual([0, 3]);
  });
});

describe('choosing', () => {
  it('maximum and minimum', () => {
    expect(list(maximum(of(1, 2, NaN), of(2, 1, 0)))).toEqual([2, 2, NaN]);
    expect(list(minimum(of(1, 2), 1.5))).toEqual([1, 1.5]);
    expect(list(maximum(3, of(1, 4)))).toEqual([3, 4]);
    expect(maximum(1, 2).itemSync()).toBe(2);
    expect(() => maximum(of(1, 2), of(1, 2, 3))).toThrow('maximum: shapes [2] and [3]');
  });
  it('clamp', () => {
    expect(list(clamp(of(-2, 0.5, 2, NaN), -1, 1))).toEqual([-1, 0.5, 1, NaN]);
    expect(list(clamp(of(-2, 2), undefined, 1))).toEqual([-2, 1]);
    expect(list(clamp(of(-2, 2), 0))).toEqual([0, 2]);
  });
  it('where', () => {
    const c = tensor([true, false]);
    expect(list(where(c, of(1, 2), of(3, 4)))).toEqual([1, 4]);
    expect(list(where(c, 1, of(3, NaN)))).toEqual([1, NaN]);
    expect(list(where(c, 1, 0))).toEqual([1, 0]);
    expect(where(c, of(1, 2), 0.5).dtype).toBe('float64');
    expect(where(tensor([[true], [false]]), of(1, 2), 0).shape).toEqual([2, 2]);
    expect(list(where(tensor([2, 0]), 1, 0))).toEqual([1, 0]);
    expect(list(where(c, of(1, NaN), of(NaN, 4)))).toEqual([1, 4]);
    expect(() => where(c, of(1, 2, 3), 0)).toThrow('where: shapes');
  });
});

describe('over a dimension', () => {
  const x = tensor([[1, 2, 3], [1000, 1000, -1000]], { dtype: 'float64' }); // prettier-ignore
  it('logSumExp', () => {
    const first = Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3));
    expect(list(logSumExp(x, 1))).toEqual(near([first, 1000 + Math.LN2]));
    expect(logSumExp(x, 1, { keepDim: true }).shape).toEqual([2, 1]);
    expect(list(logSumExp(x))).toEqual(near([1000 + Math.LN2]));
    expect(list(logSumExp(of(-Infinity, -Infinity)))).toEqual([-Infinity]);
    expect(list(logSumExp(of(Infinity, 1)))).toEqual([Infinity]);
    expect(list(logSumExp(of(NaN, 1)))).toEqual([NaN]);
    expect(list(logSumExp(zeros([2, 0]), 1))).toEqual([-Infinity, -Infinity]);
    expect(logSumExp(zeros([0, 0]), 1).shape).toEqual([0]);
  });
  it('softmax and logSoftmax', () => {
    expect(list(softmax(x, 1).sum(1))).toEqual(near([1, 1]));
    expect(list(softmax(x, -1)).slice(3)).toEqual([0.5, 0.5, 0]);
    expect(list(logSoftmax(x, 1)).slice(3)).toEqual(near([-Math.LN2, -Math.LN2, -2000 - Math.LN2]));
    expect(list(logSoftmax(of(-Infinity, 0), 0))).toEqual([-Infinity, 0]);
    expect(() => softmax(x, 2)).toThrow('softmax: dimension 2 is out of range for shape [2, 3]');
  });
  it('attention takes floats: among integers the scale would be 0', () => {
    const i = tensor(Int32Array.of(1, 2), { shape: [1, 2] });
    expect(() => scaledDotProductAttention(i, i, i)).toThrow('scaledDotProductAttention: query, key and value are int32, int32 and int32; cast them'); // prettier-ignore
  });
  it('variance and std', () => {
    expect(list(variance(of(1, 2, 3, 4)))).toEqual(near([5 / 3]));
    expect(list(variance(of(1, 2, 3, 4), 0, { correction: 0 }))).toEqual([1.25]);
    expect(list(std(of(1, 3), 0, { correction: 0 }))).toEqual([1]);
    expect(list(variance(of(1)))).toEqual([NaN]);
    expect(variance(x, 1, { keepDim: true }).shape).toEqual([2, 1]);
    expect(list(variance(tensor(Int32Array.of(1, 2)), 0))).toEqual([0.5]);
    // in one pass float32 would lose all of it
    expect(list(variance(tensor([10000, 10001, 10002])))).toEqual([1]);
  });
});

describe('scan', () => {
  it('carries a state through the rows', async () => {
    const { state, outputs } = scan((s, row) => [s.add(row), s.mul(row)], zeros([2]), tensor([[1, 2], [3, 4], [5, 6]])); // prettier-ignore
    expect(await state.toArray()).toEqual([9, 12]);
    expect(await outputs.toArray()).toEqual([[0, 0], [3, 8], [20, 36]]); // prettier-ignore
  });
  it('needs rows, and a state that keeps its shape', () => {
    expect(() => scan((s, r) => [s, r], zeros([2]), zeros([0, 2]))).toThrow(
      'scan: inputs of shape [0, 2] have no rows',
    );
    expect(() => scan((s, r) => [s.sum(), r], zeros([2]), zeros([1, 2]))).toThrow(
      'scan: the body turned a state of shape [2] into one of shape []',
    );
  });
});
