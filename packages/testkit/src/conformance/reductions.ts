import { type DType, logSumExp, softmax, type Tensor, variance } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf, subsets } from './leaves.js';

const reductions = ['sum', 'mean', 'prod', 'max', 'min', 'any', 'all'] as const;
const shapes = [[2, 3, 5], [1, 7, 1], [13, 1], [4]]; // prettier-ignore

/** Over every set of dimensions, of every dtype, of views, and of more than fits into a register or a block. */
export function reductionCases(context: Context): Case[] {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool', 'float16'];
  const over = (t: Tensor, name: (typeof reductions)[number]): Tensor[] =>
    subsets([...t.shape.keys()]).map((dims, i) => t[name](dims, { keepDim: i % 2 === 1 }));
  return [
    ...reductions.flatMap((name) =>
      context.each(dtypes, (dtype) =>
        context.computes(`${name} over dimensions of ${dtype}`, leavesOf(dtype, ...shapes), (leaves) =>
          leaves.flatMap((t) => over(t, name)),
        ),
      ),
    ),
    ...context.each(dtypes, (dtype) =>
      context.computes(`argmax and argmin of ${dtype}`, leavesOf(dtype, ...shapes), (leaves) =>
        leaves.flatMap((t) =>
          [undefined, ...t.shape.keys()].flatMap((dim) => [t.argmax(dim), t.argmin(dim, { keepDim: true })]),
        ),
      ),
    ),
    context.computes('reductions of nothing', leavesOf('float32', [0, 3], [2, 0]), ([a, b]) => [
      a.sum(0), a.prod(0), a.any(0), a.all(0), a.sum(), b.sum(1), b.max(0), b.mean(0),
    ]), // prettier-ignore
    context.computes('long sums', leavesOf('float32', [10_007], [3, 4099], [1031, 3]), (leaves) =>
      leaves.flatMap((t) => [t.sum(), t.sum(0), t.sum(-1), t.max(0), t.mean(), t.argmax()]),
    ),
    context.computes('reductions of views', leavesOf('float32', [3, 5], [1, 5]), ([a, b]) => [
      a.transpose().sum(0),
      a.add(b.expand(3, 5)).sum(1),
      b.expand(7, 5).sum(0),
      a.pad([[1, 2], [0, 1]]).max(0),
      a.flip(1).argmax(1),
      a.reshape(15).slice([2, 11]).reshape(3, 3).sum(1),
    ]), // prettier-ignore
    context.computes('reductions that others are computed of', leavesOf('float32', [6, 17], [17]), ([x, y]) => [
      softmax(x, 1),
      softmax(x, 0),
      logSumExp(x, 1),
      variance(x, [0, 1]),
      x.sub(x.mean(0)).mul(y).sum(1).exp().sum(),
      x.sum(1).max(0).add(x).sum(0),
      x.mul(x.sum(1, { keepDim: true })).sum(0),
    ]),
  ];
}
