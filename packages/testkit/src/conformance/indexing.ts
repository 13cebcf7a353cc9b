import { arange, concat, type DType, oneHot, type Tensor, tensor, zeros } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const index = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), { shape });

/** gather and scatterAdd along every dimension, with computed indices and views, and what is out of range. */
export function indexingCases(context: Context): Case[] {
  const dtypes: DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool', 'float16'];
  return [
    ...context.each(dtypes, (dtype) =>
      context.computes(`gather of ${dtype}`, leavesOf(dtype, [4, 3], [5]), ([x, y]) => [
        x.gather(0, index([3, 0, 1, 2, 2, 2], [2, 3])),
        x.gather(1, index([2, 0, 1, 1, 0], [1, 5])),
        y.gather(0, index([4, 4, 0], [3])),
        y.gather(0, index([], [0])),
        x.indexSelect(0, index([3, 3, 0, 1, 2], [5])),
      ]),
    ),
    ...context.each(dtypes.filter((dtype) => dtype !== 'bool'), (dtype) =>
      context.computes(`scatterAdd of ${dtype}`, leavesOf(dtype, [4, 3], [2, 3], [2], [4, 5]), ([x, rows, y, columns]) => [
        x.scatterAdd(0, index([3, 0, 1, 3, 3, 3], [2, 3]), rows),
        y.scatterAdd(0, index([1, 1], [2]), y),
        x.scatterAdd(1, index(Array.from({ length: 20 }, (_, i) => (i * 7) % 3), [4, 5]), columns),
        x.scatterAdd(0, index([], [0, 3]), rows.slice([0, 0])),
      ]),
    ), // prettier-ignore
    context.computes('many additions to few places', leavesOf('float32', [1000]), ([x]) => [
      zeros([3]).scatterAdd(0, arange(1000).mod(3), x),
      zeros([1]).scatterAdd(0, zeros([1000]).to('int32'), x.mul(x)),
    ]),
    context.computes('computed indices', leavesOf('float32', [5, 4], [7]), ([x, y]) => {
      const best = x.argmax(1, { keepDim: true });
      return [x.gather(1, best), x.sub(x.gather(1, best)).exp(), y.gather(0, arange(7).mul(3).mod(7)), oneHot(best.squeeze(1), 4).mul(x)]; // prettier-ignore
    }),
    context.computes('movements of what was gathered', leavesOf('float32', [4, 6], [5]), ([x, y]) => {
      const rows = x.indexSelect(0, index([3, 1, 1], [3]));
      const some = y.gather(0, index([4, 0, 2, 2], [4]));
      return [
        rows.flip(0), rows.transpose(), rows.reshape(2, 9), rows.pad([[1, 0], [0, 2]]), rows.slice([1, 3], [2, 4]),
        some.flip(0), some.reshape(2, 2).transpose(), some.unsqueeze(1).expand(4, 3), concat([some, some.neg()]),
        rows.flip(1).sum(0), rows.transpose().matmul(rows),
      ];
    }), // prettier-ignore
    context.computes('indexing among other uses of the same', leavesOf('float32', [3, 3], [3, 1]), ([x, y]) => {
      const i = index([1, 1, 0], [3, 1]);
      const e = x.sin();
      const base = x.matmul(x).abs();
      return [
        e.sum(),
        e.tanh().gather(0, i),
        base.scatterAdd(1, i, y).sub(base),
        e.argmax(),
        e.add(y).exp().gather(1, i),
      ];
    }),
    context.computes('gather of what was moved or computed', leavesOf('float32', [4, 6]), ([x]) => [
      x.transpose().gather(0, index([5, 0, 3, 2], [1, 4])),
      x
        .flip(1)
        .mul(2)
        .gather(1, index([5, 0, 3, 2], [4, 1])),
      x.sum(1).gather(0, index([3, 3], [2])),
      x.indexSelect(0, index([1, 2], [2])).indexSelect(1, index([5, 0], [2])),
      x.scatterAdd(0, index([3, 3, 3, 3, 3, 3], [1, 6]), x.slice([0, 1])).gather(0, index([3, 0, 0, 0, 0, 0], [1, 6])),
    ]),
    outOfRange(context, 'gather', (x, i) => x.gather(0, i)),
    outOfRange(context, 'scatterAdd', (x, i) => x.scatterAdd(0, i, x.slice([0, 2]))),
  ];
}

/** An index out of range is clamped, and reported at the next read, once. */
function outOfRange(context: Context, name: string, apply: (x: Tensor, index: Tensor) => Tensor): Case {
  return {
    name: `${name} out of range`,
    run: async () => {
      const backend = await context.backend();
      const x = await tensor([1, 2, 3]).to(backend);
      for (const [wrong, clamped] of [
        [
          [7, 0],
          [2, 0],
        ],
        [
          [1, -1],
          [1, 0],
        ],
      ]) {
        // prettier-ignore
        const bad = apply(x, index(wrong, [2]));
        const error = await bad.data().then(() => undefined, (e: unknown) => e); // prettier-ignore
        if (!(error instanceof Error) || !error.message.includes('out of range'))
          throw new Error(`${name} of index [${wrong.join()}] in 3 rows: no read said that it is out of range`);
        const [values, expected] = [await bad.data(), await apply(x, index(clamped, [2])).data()];
        if (values.some((v: number, i: number) => v !== expected[i]))
          throw new Error(
            `${name} of index [${wrong.join()}] in 3 rows is [${values.join()}], not [${expected.join()}]`,
          );
      }
    },
  };
}
