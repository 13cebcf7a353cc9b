// Long graphs are evaluated piece by piece where they are narrow: it must never show but in what is compiled.
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { assign, programStatistics, tensor, type Tensor, variable } from '../src/index.js';

beforeEach(useBackend(referenceBackend));

/** x ← x·c + y for `turns` turns, and in plain numbers. */
function loop(turns: number): { result: Tensor; middle: Tensor; expected: number[]; expectedMiddle: number[] } {
  const y = tensor([1, 2, 3]);
  let result = tensor([0.5, 0.25, -1]);
  let middle = result;
  let [expected, expectedMiddle] = [[0.5, 0.25, -1], [0]];
  for (let i = 0; i < turns; i++) {
    result = result.mul(0.5).add(y);
    expected = expected.map((x, k) => x * 0.5 + [1, 2, 3][k]);
    if (i === turns >> 1) [middle, expectedMiddle] = [result, expected];
  }
  return { result, middle, expected, expectedMiddle };
}
const close = (actual: Float32Array, expected: number[]): void => {
  expected.forEach((x, i) => {
    expect(actual[i]).toBeCloseTo(x, 5);
  });
};

describe('a long chain', () => {
  it('has the values that it would have as one program', async () => {
    for (const turns of [1, 100, 127, 128, 129, 500, 1000]) {
      const { result, expected } = loop(turns);
      close((await result.data()) as Float32Array, expected);
    }
  });
  it('of another length compiles nothing', async () => {
    await loop(700).result.data();
    const { prepared } = programStatistics();
    for (const turns of [701, 720, 731, 705, 1333, 2999]) await loop(turns).result.data();
    expect(programStatistics().prepared).toBe(prepared);
  });
  it('can be read in the middle, before and afterwards', async () => {
    const after = loop(600);
    close((await after.result.data()) as Float32Array, after.expected);
    close((await after.middle.data()) as Float32Array, after.expectedMiddle);
    const before = loop(600);
    close((await before.middle.data()) as Float32Array, before.expectedMiddle);
    close((await before.result.data()) as Float32Array, before.expected);
  });
  it('reads variables as they were', async () => {
    const v = variable(tensor([1, 1]));
    let sum = v.add(0);
    for (let i = 0; i < 600; i++) sum = sum.add(v);
    assign(v, sum);
    expect(await v.toArray()).toEqual([601, 601]);
    let again = v.mul(1);
    for (let i = 0; i < 300; i++) again = again.sub(v);
    assign(v, v.add(1));
    const other = again.add(v);
    assign(v, other);
    expect(await v.toArray()).toEqual([-299 * 601 + 602, -299 * 601 + 602]);
  });
});
