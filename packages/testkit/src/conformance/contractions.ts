import { type DType, relu, type Tensor } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const sizes: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1, 1], [1, 5, 1], [3, 1, 2], [2, 3, 5], [7, 13, 11], [17, 64, 31], [64, 33, 8], [1, 129, 3], [5, 0, 3], [0, 2, 3], [41, 257, 19],
]; // prettier-ignore

/** Products of matrices and batches of them, of views, and fused with what is before and after. */
export function contractionCases(context: Context): Case[] {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint32', 'float16'];
  return [
    ...context.each(dtypes, (dtype) =>
      context.computes(`matmul of ${dtype}`, leavesOf(dtype, [4, 7], [7, 5], [7]), ([a, b, v]) => [
        a.matmul(b),
        a.matmul(v),
        v.matmul(b),
        v.matmul(v),
        a.transpose().matmul(a),
      ]),
    ),
    ...sizes.map(([m, k, n]) =>
      context.computes(`matmul of [${m}, ${k}] and [${k}, ${n}], and of transposes`, leavesOf('float32', [m, k], [k, n], [k, m], [n, k]), ([a, b, aT, bT]) => [
        a.matmul(b),
        aT.transpose().matmul(b),
        a.matmul(bT.transpose()),
        aT.transpose().matmul(bT.transpose()),
      ]),
    ), // prettier-ignore
    context.computes('matmul of batches', leavesOf('float32', [3, 4, 5], [3, 5, 2], [5, 2], [2, 1, 4, 5]), ([a, b, c, d]) => [
      a.matmul(b),
      a.matmul(c),
      d.matmul(b),
      c.transpose().matmul(a.transpose()),
      a.permute(0, 2, 1).matmul(a),
      a.permute(1, 0, 2).matmul(c),
    ]), // prettier-ignore
    context.computes('matmul of what is computed, and into what follows', leavesOf('float32', [9, 6], [6, 4], [4], [9, 4]), ([a, b, bias, target]) => {
      const logits = relu(a.mul(2).matmul(b.sin()).add(bias));
      const error = logits.sub(target);
      return [logits, error.mul(error).mean(), a.transpose().matmul(error), error.sum(0), logits.argmax(1)];
    }), // prettier-ignore
    context.computes('matmul of views', leavesOf('float32', [6, 5], [4], [2, 3]), ([a, b, c]) => [
      a.slice([1, 5]).matmul(a.slice([2, 6]).transpose()),
      b.unsqueeze(0).expand(3, 4).matmul(b.unsqueeze(1)),
      a.flip([0, 1]).matmul(a.transpose()),
      a.pad([[1, 0], [0, 3]]).transpose().matmul(a.pad([[0, 1], [2, 0]])),
      c.reshape(3, 2).matmul(c),
    ]), // prettier-ignore
    context.computes('a chain of products', leavesOf('float32', [5, 5]), ([a]) => {
      let x: Tensor = a;
      for (let i = 0; i < 3; i++) x = x.matmul(a).tanh();
      return [x, x.sum()];
    }),
  ];
}
