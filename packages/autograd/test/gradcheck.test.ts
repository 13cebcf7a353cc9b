import {
  arange,
  clamp,
  concat,
  customGradient,
  expm1,
  log1p,
  logSigmoid,
  logSoftmax,
  logSumExp,
  maximum,
  minimum,
  relu,
  scan,
  sigmoid,
  softmax,
  softplus,
  stack,
  std,
  type Tensor,
  tensor,
  unfold,
  variance,
  where,
} from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradcheck, valueAndGrad } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

/** Distinct values that keep clear of 0, of integers and of each other, so that differences see no kink. */
function values(shape: readonly number[], from: number, to: number, seed: number): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from(
    { length: n },
    (_, i) => from + (to - from) * (((i + seed) * 0.6180339887 + 0.213) % 1),
  );
  return tensor(data, { shape });
}
const any = (...shape: number[]): Tensor => values(shape, -1.9, 1.8, shape.length);
const other = (...shape: number[]): Tensor => values(shape, -1.8, 1.9, 7);
const positive = (...shape: number[]): Tensor => values(shape, 0.3, 2.1, 3);
const index = (data: number[], ...shape: number[]): Tensor => tensor(Int32Array.from(data), { shape });

type Case = [name: string, fn: (...x: Tensor[]) => Tensor, inputs: Tensor[]];
const cases: Case[] = [
  ['neg', (x) => x.neg(), [any(5)]],
  ['abs', (x) => x.abs(), [any(5)]],
  ['sign', (x) => x.sign().mul(x), [any(5)]],
  ['floor, ceil, round, trunc', (x) => x.floor().add(x.ceil()).add(x.round()).add(x.trunc()).mul(x), [any(5)]],
  ['sqrt', (x) => x.sqrt(), [positive(5)]],
  ['exp', (x) => x.exp(), [any(5)]],
  ['log', (x) => x.log(), [positive(5)]],
  ['sin', (x) => x.sin(), [any(5)]],
  ['cos', (x) => x.cos(), [any(5)]],
  ['tanh', (x) => x.tanh(), [any(5)]],
  ['erf', (x) => x.erf(), [any(5)]],
  ['add with broadcasting', (a, b) => a.add(b), [any(2, 3), other(3)]],
  ['sub with broadcasting', (a, b) => a.sub(b), [any(2, 1), other(1, 3)]],
  ['mul with broadcasting', (a, b) => a.mul(b), [any(2, 3, 2), other(3, 1)]],
  ['div with broadcasting', (a, b) => a.div(b), [any(3), positive(2, 3)]],
  ['add, sub, mul and div with numbers', (x) => x.add(2).sub(0.5).mul(3).div(7), [any(4)]],
  ['numbers on the left', (x) => tensor(2, { dtype: 'float64' }).div(x).sub(x.neg().add(1)), [positive(4)]],
  ['mod', (a, b) => a.mod(b), [any(2, 3), positive(3)]],
  ['mod by negatives', (a, b) => a.mod(b.neg()), [any(2, 3), positive(3)]],
  ['pow', (a, b) => a.pow(b), [positive(2, 3), other(3)]],
  [
    'pow with numbers',
    (x) => x.pow(2.5).add(x.pow(3)).add(x.pow(-1.5)).add(x.pow(-2)).add(x.pow(0.5)).add(x.pow(0)),
    [positive(4)],
  ],
  ['maximum', (a, b) => maximum(a, b), [any(2, 3), other(3)]],
  ['minimum', (a, b) => minimum(a, b), [any(2, 3), other(3)]],
  ['maximum and minimum with numbers', (x) => maximum(x, 0.2).add(minimum(x, -0.3)), [any(6)]],
  ['where', (a, b) => where(a.gt(b), a.mul(b), b.exp()), [any(2, 3), other(3)]],
  ['where with numbers', (x) => where(x.gt(0), x, 0.5).add(where(x.lt(0), 2, x)), [any(6)]],
  ['reshape', (x) => x.reshape(3, 2).mul(x.reshape(3, 2)), [any(2, 3)]],
  ['permute', (x) => x.permute(2, 0, 1).exp(), [any(2, 3, 2)]],
  ['transpose', (x) => x.transpose().matmul(x), [any(3, 2)]],
  ['expand', (x) => x.expand(2, 3, 2).exp(), [any(3, 1)]],
  ['expand of a scalar', (x) => x.expand(2, 2).exp(), [any()]],
  ['expand of size 1 to size 1', (x) => x.expand(2, 1, 3).exp(), [any(1, 1)]],
  ['pad', (x) => x.pad([[1, 2], [0, 1]]).exp(), [any(2, 3)]], // prettier-ignore
  ['slice', (x) => x.slice([1, 3], -1).exp(), [any(4, 3)]],
  ['unfold, side by side', (x) => unfold(x, 1, 2, 2).exp(), [any(2, 5)]],
  ['unfold with gaps', (x) => unfold(x, 0, 2, 3).exp(), [any(7, 2)]],
  ['unfold, overlapping', (x) => unfold(x, 0, 3, 2).exp(), [any(8, 2)]],
  ['unfold with dilation', (x) => unfold(x, 1, 3, 2, 2).exp(), [any(2, 9)]],
  ['unfold with many windows at one place', (x) => unfold(x, 0, 11, 1).exp(), [any(13)]],
  ['flip', (x) => x.flip([0, 1]).mul(x), [any(2, 3)]],
  ['sum', (x) => x.sum().exp(), [any(2, 2)]],
  ['sum over dimensions', (x) => x.sum([0, 2]).exp(), [any(2, 3, 2)]],
  ['sum, dimension kept', (x) => x.div(x.sum(1, { keepDim: true })), [positive(2, 3)]],
  ['mean', (x) => x.mean(-1).exp(), [any(2, 3)]],
  ['prod', (x) => x.prod(), [any(2, 3)]],
  ['prod over dimensions', (x) => x.prod([0, 2]), [any(2, 3, 2)]],
  ['prod of one element', (x) => x.prod(0), [any(1, 3)]],
  ['prod with zeros', (x) => x.prod(1), [tensor(Float64Array.of(2, 0, 3, 0, 5, 0, 1, 2, 3, 4), { shape: [2, 5] })]],
  ['max', (x) => x.max(), [any(2, 3)]],
  ['max over a dimension', (x) => x.max(1).exp(), [any(2, 3)]],
  ['min over a dimension', (x) => x.min(0, { keepDim: true }).exp(), [any(2, 3)]],
  ['matmul', (a, b) => a.matmul(b), [any(2, 3), other(3, 2)]],
  ['matmul, batched and broadcast', (a, b) => a.matmul(b), [any(2, 1, 2, 3), other(2, 3, 2)]],
  ['matmul, one matrix for a batch', (a, b) => a.matmul(b), [any(2, 2, 3), other(3, 2)]],
  ['matmul of vectors', (a, b, c) => a.matmul(b).matmul(c), [any(3), other(3, 2), positive(2)]],
  ['gather', (x) => x.gather(1, index([0, 2, 2, 1], 2, 2)).exp(), [any(2, 3)]],
  ['gather of fewer rows', (x) => x.gather(1, index([2, 2], 1, 2)).exp(), [any(2, 3)]],
  ['gather of one element a row', (x) => x.gather(1, index([2, 0], 2, 1)).exp(), [any(2, 3)]],
  ['indexSelect', (x) => x.indexSelect(0, index([1, 1, 0], 3)).exp(), [any(2, 3)]],
  ['scatterAdd', (a, b) => a.scatterAdd(1, index([0, 2, 2, 2], 2, 2), b).exp(), [any(2, 3), other(2, 2)]],
  ['detach', (x) => x.mul(2).add(x.mul(0).detach()), [any(3)]],
  ['customGradient', (x) => customGradient([x], ([v]) => v.mul(v), (g, _, [v]) => [g.mul(v).mul(2)]), [any(3)]], // prettier-ignore
  ['cast', (x) => x.mul(x.gt(0).to('float64')).add(arange(3)), [any(3)]],

  ['clamp', (x) => clamp(x, -0.5, 0.7).mul(x), [any(6)]],
  ['relu', (x) => relu(x), [any(6)]],
  ['sigmoid', (x) => sigmoid(x), [any(5)]],
  ['log1p', (x) => log1p(x), [positive(5)]],
  ['expm1', (x) => expm1(x), [any(5)]],
  ['softplus', (x) => softplus(x), [any(5)]],
  ['logSigmoid', (x) => logSigmoid(x), [any(5)]],
  ['logSumExp', (x) => logSumExp(x, [0, 2]), [any(2, 3, 2)]],
  ['softmax', (x) => softmax(x, 1), [any(2, 3)]],
  ['logSoftmax', (x) => logSoftmax(x, 0), [any(2, 3)]],
  ['variance', (x) => variance(x, 1), [any(2, 3)]],
  ['std', (x) => std(x, undefined, { correction: 0 }), [any(2, 3)]],
  ['concat', (a, b) => concat([a, b, a], 1).exp(), [any(2, 1), other(2, 2)]],
  ['stack', (a, b) => stack([a, b], 1).exp(), [any(3), other(3)]],
  ['scan', (s, x) => { const r = scan((a, row) => [a.mul(row).tanh(), a.add(row)], s, x); return r.outputs.sum(0).mul(r.state); }, [any(2), other(3, 2)]], // prettier-ignore
];

describe('gradients agree with central differences', () => {
  it.each(cases)('%s', async (_, fn, inputs) => {
    await gradcheck(fn, inputs);
  });
});

describe('gradients of gradients agree with central differences', () => {
  it.each(cases)('%s', async (_, fn, inputs) => {
    const square = (y: Tensor): Tensor => y.mul(y).sum(); // so that the derivative depends on the inputs
    for (const i of inputs.keys()) {
      const derivative = (...xs: Tensor[]): Tensor =>
        valueAndGrad((...ys) => square(fn(...ys)), { createGraph: true })(...xs).grads[i];
      await gradcheck(derivative, inputs, { rtol: 1e-5, atol: 1e-6 });
    }
  });
});

describe('gradcheck', () => {
  it('finds a wrong gradient', async () => {
    const wrong = (x: Tensor): Tensor => customGradient([x], ([v]) => v.exp(), (g) => [g]); // prettier-ignore
    await expect(gradcheck(wrong, [any(2)])).rejects.toThrow(/gradcheck: the gradient of input 0 at position 0/);
  });
  it('wants float64', async () => {
    await expect(gradcheck((x) => x, [tensor([1])])).rejects.toThrow(/too coarse/);
  });
});
