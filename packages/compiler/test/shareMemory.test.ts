import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Life, shareMemory } from '../src/shareMemory.js';

const lives = fc.array(
  fc.record({ from: fc.integer({ min: -1, max: 40 }), length: fc.nat(12), bytes: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 60 },
);

describe('shareMemory', () => {
  it('gives no piece to two values at the same time, and none to a value that is too large for it', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const all = given.map(({ from, length, bytes }): Life => ({ from, to: from + length, bytes }));
        const { slots, sizes } = shareMemory(all);
        expect(slots).toHaveLength(all.length);
        all.forEach((a, i) => {
          expect(a.bytes).toBeLessThanOrEqual(sizes[slots[i]]);
          all.forEach((b, j) => {
            if (i !== j && slots[i] === slots[j]) expect(a.to < b.from || b.to < a.from).toBe(true);
          });
        });
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('needs no more than lives at the same time where all values are equally large', () => {
    fc.assert(
      fc.property(lives, (given) => {
        const all = given.map(({ from, length }): Life => ({ from, to: from + length, bytes: 1 }));
        const living = (at: number): number => all.filter(({ from, to }) => from <= at && at <= to).length;
        expect(shareMemory(all).sizes).toHaveLength(Math.max(0, ...all.map(({ from }) => living(from))));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('takes what was used last of what fits equally well', () => {
    const { slots } = shareMemory([
      { from: 0, to: 1, bytes: 8 },
      { from: 1, to: 3, bytes: 8 },
      { from: 4, to: 5, bytes: 8 },
    ]);
    expect(slots).toEqual([0, 1, 1]);
  });
});
