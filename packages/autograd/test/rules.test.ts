import { clamp, logSumExp, maximum, minimum, relu, softmax, std, type Tensor, tensor, where } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { valueAndGrad } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const gradients = async (fn: (...x: Tensor[]) => Tensor, ...inputs: number[][]): Promise<number[][]> => {
  const { grads } = valueAndGrad((...x: Tensor[]) => fn(...x).sum())(...inputs.map((x) => tensor(x, { dtype: 'float64' }))); // prettier-ignore
  return Promise.all(grads.map(async (g) => [...(await g.data())]));
};

describe('at the points where a derivative is a matter of convention, PyTorch’s', () => {
  it('relu at 0 has gradient 0', async () => {
    expect(await gradients(relu, [-1, 0, 2])).toEqual([[0, 0, 1]]);
  });
  it('abs at 0 has gradient 0', async () => {
    expect(await gradients((x) => x.abs(), [-1, 0, 2])).toEqual([[-1, 0, 1]]);
  });
  it('clamp passes the gradient at its bounds', async () => {
    expect(await gradients((x) => clamp(x, -1, 1), [-2, -1, 0, 1, 2])).toEqual([[0, 1, 1, 1, 0]]);
  });
  it('equal operands of maximum and minimum get half each', async () => {
    expect(await gradients(maximum, [1, 2, 3], [3, 2, 1])).toEqual([[0, 0.5, 1], [1, 0.5, 0]]); // prettier-ignore
    expect(await gradients(minimum, [1, 2, 3], [3, 2, 1])).toEqual([[1, 0.5, 0], [0, 0.5, 1]]); // prettier-ignore
  });
  it('equal extremes share evenly', async () => {
    expect(await gradients((x) => x.max(), [1, 3, 3, 2])).toEqual([[0, 0.5, 0.5, 0]]);
    expect(await gradients((x) => x.min(), [1, 1, 3, 1])).toEqual([[1 / 3, 1 / 3, 0, 1 / 3]]);
  });
  it('sqrt at 0 is infinitely steep', async () => {
    expect(await gradients((x) => x.sqrt(), [0, 4])).toEqual([[Infinity, 0.25]]);
  });
  it('a standard deviation of 0 has gradient 0, of any order', async () => {
    expect(await gradients((x) => std(x), [2, 2])).toEqual([[0, 0]]);
    const slope = (x: Tensor): Tensor => valueAndGrad((y: Tensor) => std(y), { createGraph: true })(x).grads[0].sum();
    expect(await gradients(slope, [2, 2])).toEqual([[0, 0]]);
  });
  it('the slope of a remainder is that of its own piece', async () => {
    // 1 / 0.1 is 10 when rounded, and 0.1 goes into 1 nine times: the float64 is a little more than 0.1
    const inputs = [
      [1, -1, 5.5, 7],
      [0.1, 0.1, -2, 2],
    ];
    expect(await gradients((a, b) => a.mod(b), ...inputs)).toEqual([[1, 1, 1, 1], [-9, 10, 3, -3]]); // prettier-ignore
  });
  it('powers of 0 and by 0', async () => {
    expect(await gradients((a, b) => a.pow(b), [0, 0, 0, -2, 3], [0, 2, 1, 3, 0])).toEqual([
      [0, 0, 1, 12, 0],
      [0, 0, 0, NaN, Math.log(3)],
    ]);
    expect(await gradients((x) => x.pow(2.5), [0])).toEqual([[0]]);
  });
  it('steps have gradient 0', async () => {
    expect(await gradients((x) => x.sign().add(x.floor()).add(x.round()), [0.5, -1.2])).toEqual([[0, 0]]);
  });
  it('the remainder passes the gradient, and its quotient to the divisor', async () => {
    expect(await gradients((a, b) => a.mod(b), [7, -7, 7], [3, 3, -3])).toEqual([[1, 1, 1], [-2, 3, 3]]); // prettier-ignore
  });
});

describe('zeros and infinities', () => {
  it('prod with no, one and two zeros', async () => {
    expect(await gradients((x) => x.prod(), [2, 3, 4])).toEqual([[12, 8, 6]]);
    expect(await gradients((x) => x.prod(), [2, 0, 4])).toEqual([[0, 8, 0]]);
    expect(await gradients((x) => x.prod(), [2, 0, 0])).toEqual([[0, 0, 0]]);
  });
  it('where lets no NaN or infinity out of the side not chosen', async () => {
    expect(await gradients((x) => where(x.gt(0), x, Infinity), [0, 2])).toEqual([[0, 1]]);
    const safe = (x: Tensor): Tensor => where(x.gt(0), where(x.gt(0), x, 1).log(), 0);
    expect(await gradients(safe, [0, 2])).toEqual([[0, 0.5]]);
  });
  it('logSumExp and softmax at −∞ and at large values', async () => {
    expect(await gradients((x) => logSumExp(x), [-Infinity, 0, 0])).toEqual([[0, 0.5, 0.5]]);
    expect(await gradients((x) => logSumExp(x), [1000, -1000])).toEqual([[1, 0]]);
    expect(await gradients((x) => softmax(x, 0).slice(0), [1000, 1000])).toEqual([[0.25, -0.25]]);
  });
});

describe('dtypes', () => {
  it('a gradient has the dtype of its tensor', async () => {
    const x = tensor([1, 2, 3]);
    const { value, grads } = valueAndGrad((t: Tensor) => t.to('float64').mul(2.5).sum())(x);
    expect([value.dtype, grads[0].dtype]).toEqual(['float64', 'float32']);
    expect(await grads[0].toArray()).toEqual([2.5, 2.5, 2.5]);
  });
  it('integers carry none', async () => {
    expect(await gradients((x) => x.to('int32').to('float64').mul(x), [1.5, 2.5])).toEqual([[1, 2]]);
  });
});
