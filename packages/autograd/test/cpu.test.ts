// The gradients of the operations as the CPU computes them, in float64: views, reductions, products and compositions
// that become fused kernels. Every operation on the reference backend is in gradcheck.test.ts.
import {
  concat,
  logSoftmax,
  maximum,
  relu,
  sigmoid,
  softmax,
  type Tensor,
  tensor,
  variance,
  where,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck } from '../src/index.js';
import { agreesWithDifferences, type Differentiated } from './operationSuite.js';

beforeAll(useBackend(cpu));

/** Distinct values that keep clear of 0, of integers and of each other, so that differences see no kink. */
function values(shape: readonly number[], from: number, to: number): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: n }, (_, i) => from + (to - from) * (((i + n) * 0.6180339887 + 0.213) % 1));
  return tensor(data, { shape });
}
const any = (...shape: number[]): Tensor => values(shape, -1.9, 1.8);
const positive = (...shape: number[]): Tensor => values(shape, 0.3, 2.1);
const index = (data: number[], ...shape: number[]): Tensor => tensor(Int32Array.from(data), { shape });

const cases: Differentiated[] = [
  ['functions', (x) => x.exp().add(x.sin()).mul(x.tanh()).add(x.erf()).sub(x.cos()), [any(7)]],
  ['roots and logarithms', (x) => x.sqrt().mul(x.log()).div(x), [positive(5)]],
  ['powers', (a, b) => a.pow(b).add(a.pow(3)).add(a.pow(-0.5)), [positive(2, 3), any(3)]],
  ['broadcasting', (a, b) => a.mul(b).div(b.add(4)).sub(a), [any(2, 1, 3), any(4, 1)]],
  ['choices', (a, b) => where(a.gt(b), relu(a), sigmoid(b)).add(maximum(a, b)), [any(3, 5), any(5)]],
  ['movements', (x) => x.permute(1, 0).flip(0).reshape(2, 3).pad([[1, 0], [0, 2]]).slice([0, 2]).exp(), [any(2, 3)]], // prettier-ignore
  ['reductions', (x) => x.sum([0, 2]).mul(x.mean(1).max()).add(x.prod(1).sum()), [any(2, 3, 2)]],
  ['statistics', (x) => x.sub(x.mean(-1, { keepDim: true })).div(variance(x, -1, { keepDim: true })), [any(3, 5)]],
  ['matmul, batched and transposed', (a, b) => a.matmul(b.transpose()), [any(2, 1, 2, 3), any(2, 4, 3)]],
  ['a product in a product', (a, b) => a.matmul(b).tanh().matmul(a), [any(3, 3), any(3, 3)]],
  ['gather and indexSelect', (x) => x.gather(1, index([0, 2, 2, 1], 2, 2)).matmul(x.indexSelect(0, index([1, 1], 2))), [any(2, 3)]], // prettier-ignore
  ['scatterAdd', (a, b) => a.scatterAdd(1, index([0, 2, 2, 2], 2, 2), b).exp(), [any(2, 3), any(2, 2)]],
  ['softmax', (x) => softmax(x, 1).mul(logSoftmax(x, 0)), [any(3, 4)]],
  ['concat', (a, b) => concat([a, b, a], 1).exp(), [any(2, 1), any(2, 2)]],
];

describe('on the CPU, gradients agree with central differences', () => {
  agreesWithDifferences(cases);
  it('and a wrong gradient is found', async () => {
    const wrong = (x: Tensor): Tensor => x.mul(x.detach());
    await expect(gradcheck(wrong, [any(2)])).rejects.toThrow(/gradcheck: the gradient of input 0 at position 0/);
  });
});
