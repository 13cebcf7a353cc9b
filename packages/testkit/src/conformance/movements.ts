import { type DType, node, Tensor, unfold } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

type Movement = readonly [name: string, move: (t: Tensor) => Tensor];

const movements: readonly Movement[] = [
  ['reshape', (t) => t.reshape([...t.shape.slice(1), ...t.shape.slice(0, 1)])],
  ['flatten', (t) => t.flatten()],
  ['permute', (t) => t.permute(...t.shape.map((_, d) => (d + 1) % t.shape.length))],
  ['expand', (t) => t.unsqueeze(0).expand(2, ...t.shape)],
  ['pad', (t) => t.pad(t.shape.map((_, d) => [d % 2, (d + 1) % 2]))],
  ['shrink', (t) => t.slice(...t.shape.map((n) => [n > 1 ? 1 : 0, n] as const))],
  ['unfold', (t) => unfold(t.pad(t.shape.map((_, d) => [0, d === 0 ? 3 : 0])), 0, 2, 2)],
  ['unfold, overlapping', (t) => unfold(t.pad(t.shape.map((_, d) => [2, d === 0 ? 3 : 0])), 0, 3, 1, 2)],
  ['flip', (t) => t.flip(t.shape.map((_, d) => d).filter((d) => d !== 1))],
];
const shapes = [[2, 3, 5], [1, 7], [1], [0, 3], [13, 1, 2]]; // prettier-ignore

/** Movements alone, after one another, fused with what is before and after, and stored as they are. */
export function movementCases(context: Context): Case[] {
  const cases = movements.flatMap(([first, a]) =>
    movements.map(([second, b]) =>
      context.computes(`${first}, then ${second}`, leavesOf('float32', ...shapes), (leaves) =>
        leaves.flatMap((t) => [b(a(t)), b(a(t.mul(2)).add(1)).neg(), a(b(a(t).sin()))]),
      ),
    ),
  );
  const each: DType[] = ['float64', 'int32', 'uint32', 'bool', 'float16'];
  return [
    ...cases,
    ...context.each(each, (dtype) =>
      context.computes(`movements of ${dtype}`, leavesOf(dtype, [2, 3, 5], [7]), (leaves) =>
        leaves.flatMap((t) => movements.map(([, move]) => move(t))),
      ),
    ),
    context.computes('after: the first of two values', leavesOf('float32', [3], [2]), ([x, y]) => {
      const later = new Tensor(node('after', [x.exp().node, y.sin().node], x.shape, x.dtype));
      return [later.mul(2), x.exp().add(later)];
    }),
    context.computes('padding is 0, whatever is computed of it', leavesOf('float32', [3]), ([x]) => [
      x.pad([[1, 2]]).exp(),
      x.exp().pad([[1, 2]]),
      x.pad([[1, 2]]).pad([[2, 1]]).add(x.sum()), // prettier-ignore
    ]),
  ];
}
