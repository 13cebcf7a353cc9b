import { manualSeed, rand, randint, randn, randomBits, tensor, uniform, bernoulli } from '@kindling/core';
import type { Case, Context } from './context.js';

/** The bits are the same everywhere, so the numbers are, too. */
export function randomCases(context: Context): Case[] {
  const none = (): [] => [];
  return [
    ...context.each(['uint32'], () =>
      context.plays('random bits: known answers', (read) => {
        read(randomBits([4]).eq(tensor(Uint32Array.of(0x6b200159, 1351547692, 1688610540, 3098264785))));
        read(randomBits([2, 2]));
        manualSeed(4294967295);
        read(randomBits([2]));
      }),
    ),
    context.computes('random numbers', none, () => [rand([1009]), uniform([3, 5], -1, 2), randint(-3, 9, [64]), bernoulli([64], 0.3)]), // prettier-ignore
    context.computes('normal random numbers', none, () => [randn([257]), randn([2, 3, 5])]),
    context.computes('random numbers in use', none, () => {
      const mask = rand([4, 6]).lt(0.5).to('float32');
      return [mask, mask.mul(3).sum(0), mask.transpose().matmul(randn([4, 2]))];
    }),
  ];
}
