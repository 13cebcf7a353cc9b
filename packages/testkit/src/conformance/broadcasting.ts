import { maximum, where } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[1], []],
  [[3], [1]],
  [[7], [5, 7]],
  [[5, 1], [5, 7]],
  [[5, 1], [1, 7]],
  [[2, 1, 3], [4, 1]],
  [[1, 1, 1], [2, 3, 5]],
  [[2, 1, 3, 1], [5, 1, 7]],
  [[0, 3], [3]],
  [[1], [0]],
  [[129], [3, 129]],
  [[1009, 1], [1, 3]],
]; // prettier-ignore

/** Shapes that meet: aligned at the last dimension, sizes equal or 1. */
export function broadcastingCases(context: Context): Case[] {
  return shapes.map(([a, b]) =>
    context.computes(`broadcasting [${a.join()}] with [${b.join()}]`, leavesOf('float32', a, b, b), ([x, y, z]) => [
      x.add(y),
      y.sub(x.mul(2)),
      where(x.lt(y), x, z),
      maximum(y, x).exp(),
    ]),
  );
}
