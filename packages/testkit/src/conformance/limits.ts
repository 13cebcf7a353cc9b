import { concat, softmax, type Tensor, tensor } from '@kindling/core';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

/** More of everything than a device takes at once: bindings of a kernel, workgroups of a dimension, numbers, dimensions. */
export function limitCases(context: Context): Case[] {
  const many = leavesOf('float32', ...times(70, () => [5]));
  const indices = (count: number, below: number): Tensor =>
    tensor(
      Int32Array.from({ length: count }, (_, i) => (i * 7919) % below),
      { shape: [count, 1] },
    );
  return [
    context.computes('a sum of many tensors', many, (leaves) => [leaves.reduce((sum, t) => sum.add(t))]),
    context.computes('many tensors side by side', many, (leaves) => [concat([...leaves]), concat([...leaves]).sum()]),
    context.computes('many results of one tensor', leavesOf('float32', [5]), ([x]) => times(70, (i) => x.mul(i + 2))),
    context.computes('many numbers', leavesOf('float32', [5]), ([x]) => [
      times(150, (i) => i / 7 + 0.1).reduce((y, number) => y.mul(0.5).add(number), x),
    ]),
    context.computes('a long chain', leavesOf('float32', [7]), ([x]) => [
      times(300, (i) => i).reduce((y) => y.mul(0.9).add(x), x),
    ]),
    context.computes('many rows, many columns', leavesOf('float32', [70_001, 3], [3, 70_001]), ([tall, wide]) => [
      tall.sum(1).slice([69_990, 70_001]),
      tall.max(0),
      softmax(wide, 1).slice(undefined, [0, 7]),
      wide.argmax(1),
      tall.add(wide.transpose()).slice([65_530, 65_540]),
    ]),
    context.computes('many rows by index', leavesOf('float32', [70_001, 1]), ([x]) => [
      x.gather(0, indices(70_001, 70_001)).slice([65_530, 65_540]),
      x.scatterAdd(0, indices(70_001, 70_001), x).slice([65_530, 65_540]),
    ]),
    context.computes('many dimensions', leavesOf('float32', [2, 1, 3, 1, 2, 2, 1, 3]), ([x]) => [
      x.permute(7, 3, 5, 1, 0, 6, 2, 4).mul(2),
      x.sum([0, 2, 5]),
      x
        .flip([0, 7])
        .transpose(4, 7)
        .add(x.sum(7, { keepDim: true }).transpose(4, 7)),
    ]),
  ];
}
