import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseCsv, type RowSets, type Table } from '@kindling/data';
import { readCsv } from '@kindling/data/node';
import { random, permutation } from '../src/random.js';

const shipped = (name: string): string => new URL(`../../../data/${name}.csv`, import.meta.url).pathname;

function tableOf(classes: readonly (string | number)[]): Promise<Table> {
  return parseCsv('x,y\n' + classes.map((label, i) => `${(i * 7) % 5},${label}`).join('\n'), { target: 'y' });
}

function countPerClass(table: Table, rows: ArrayLike<number>): number[] {
  const counts = table.classes.map(() => 0);
  for (const row of Array.from(rows)) counts[table.target.values[row]]++;
  return counts;
}

const whole = ({ train, validation, test }: RowSets): number[] =>
  [...train, ...validation, ...test].sort((a, b) => a - b);
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe('random', () => {
  it('gives these numbers for these seeds, on every platform', () => {
    // from a second implementation of splitmix32 and xoshiro128** in Python
    const first = (seed: number, stream?: number): number[] => {
      const source = random(seed, stream);
      return [source.bits(), source.bits(), source.bits()];
    };
    expect(first(0)).toEqual([511786799, 3198325286, 3986354101]);
    expect(first(1)).not.toEqual(first(0));
    expect(first(0, 1)).not.toEqual(first(0));
    expect(first(2 ** 40)).not.toEqual(first(0));
    expect(first(-1)).not.toEqual(first(1));
    expect([...permutation(10, random(42))]).toEqual([2, 5, 3, 0, 8, 9, 6, 7, 1, 4]);
    expect(() => random(0.5)).toThrow('The seed must be an integer, got 0.5.');
  });

  it('is uniform: every place of a permutation holds every value about equally often', () => {
    const [n, draws] = [6, 12_000];
    const counts = new Int32Array(n * n);
    for (let draw = 0; draw < draws; draw++)
      permutation(n, random(draw)).forEach((value, i) => counts[i * n + value]++);
    // χ² of 36 cells with 25 degrees of freedom: 60 has a probability below 1e-4
    const expected = draws / n;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(60);
  });
});

describe('split', () => {
  it('gives each part its share of every class', async () => {
    const table = await readCsv(shipped('iris'), { target: 'species' });
    for (const seed of [0, 1, 2, 3, 4]) {
      const { train, validation, test } = table.splitIndices({ validation: 0.2, test: 0.2, seed });
      expect([train.length, validation.length, test.length]).toEqual([90, 30, 30]);
      for (const [part, each] of [
        [train, 30],
        [validation, 10],
        [test, 10],
      ] as const)
        expect(countPerClass(table, part)).toEqual([each, each, each]);
      expect(whole({ train, validation, test })).toEqual(range(150));
    }
  });

  it('depends on the seed, and on nothing else', async () => {
    const table = await readCsv(shipped('wine'), { target: 'cultivar' });
    const rows = (seed: number): string => table.splitIndices({ seed }).test.join();
    expect(rows(0)).toBe(rows(0));
    expect(new Set([0, 1, 2, 3].map(rows)).size).toBe(4);
  });

  it('keeps a row of each class for training, however small the class', async () => {
    const table = await tableOf([...Array<string>(10).fill('a'), 'b', 'c', 'd', 'd']);
    for (let seed = 0; seed < 50; seed++)
      for (const share of [0.15, 0.3, 0.38])
        expect(
          Math.min(...countPerClass(table, table.splitIndices({ validation: share, test: share, seed }).train)),
        ).toBe(1);
  });

  it('spreads a regression target evenly', async () => {
    const table = await readCsv(shipped('diabetes'), { target: 'progression' });
    const mean = (rows: ArrayLike<number>): number =>
      Array.from(rows).reduce((sum, row) => sum + table.target.values[row], 0) / rows.length;
    const spread = (stratify: boolean): number => {
      const means = range(40).map((seed) => mean(table.splitIndices({ stratify, seed, test: 0.1 }).test));
      const centre = means.reduce((a, b) => a + b) / means.length;
      return Math.sqrt(means.reduce((sum, value) => sum + (value - centre) ** 2, 0) / means.length);
    };
    expect(spread(true)).toBeLessThan(0.4 * spread(false));
  });

  it('divides any table: sizes as rounded, no row lost or twice, class shares within one row', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 5, maxLength: 60 }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.integer(),
        async (labels, validation, test, seed) => {
          const table = await tableOf(['a', 'b', ...labels]);
          const sets = table.splitIndices({ validation, test, seed });
          const n = table.rows;
          expect(sets.test.length).toBe(Math.round(test * n));
          expect(sets.validation.length).toBe(Math.round(validation * n));
          expect(whole(sets)).toEqual(range(n));
          expect(Math.min(...countPerClass(table, sets.train))).toBeGreaterThan(0);
          const sizes = countPerClass(table, range(n));
          countPerClass(table, sets.test).forEach((count, i) =>
            expect(Math.abs(count - (sets.test.length / n) * sizes[i])).toBeLessThan(2),
          );
        },
      ),
    );
  });

  it('divides only the rows it is given', async () => {
    const table = await readCsv(shipped('iris'), { target: 'species' });
    const outer = table.splitIndices({ validation: 0, test: 0.2 });
    const inner = table.splitIndices({ validation: 0.25, test: 0, rows: outer.train, seed: 5 });
    expect(whole(inner)).toEqual([...outer.train].sort((a, b) => a - b));
    expect(inner.validation.length).toBe(30);
  });

  it('refuses shares that leave nothing, and rows that do not exist', async () => {
    const table = await tableOf(['a', 'b', 'a', 'b']);
    expect(() => table.split({ validation: 0.5, test: 0.5 })).toThrow('leave no row of 4 for training');
    expect(() => table.split({ validation: -0.1 })).toThrow(
      'validation must be a share from 0 up to, not including, 1, got -0.1',
    );
    expect(() => table.split({ test: 1 })).toThrow('test must be a share');
    expect(() => table.splitRows({ train: [0, 4] })).toThrow('row 4 of a table with 4 rows (0 to 3)');
    expect(() => table.splitRows({ train: [] })).toThrow('the training part has no rows');
  });
});

describe('folds', () => {
  it('tests each row once a repeat, in folds alike in size and classes', async () => {
    const table = await readCsv(shipped('wine'), { target: 'cultivar' });
    const folds = table.folds(5, { repeats: 3, seed: 7 });
    expect(folds).toHaveLength(15);
    for (const repeat of [0, 1, 2]) {
      const own = folds.filter((fold) => fold.repeat === repeat);
      expect(own.flatMap(({ test }) => [...test]).sort((a, b) => a - b)).toEqual(range(178));
      for (const { train, test } of own) {
        expect(whole({ train, test, validation: new Int32Array() })).toEqual(range(178));
        expect(Math.abs(test.length - 178 / 5)).toBeLessThan(1);
        countPerClass(table, test).forEach((count, i) =>
          expect(Math.abs(count - [59, 71, 48][i] / 5)).toBeLessThan(1.01),
        );
      }
    }
    expect(new Set(folds.map(({ test }) => test.join())).size).toBe(15);
  });

  it('refuses a k that does not fit', async () => {
    const table = await tableOf(['a', 'b', 'a']);
    expect(() => table.folds(4)).toThrow('k must be an integer from 2 to the number of rows (3), got 4');
    expect(() => table.folds(2, { repeats: 0 })).toThrow('repeats must be a positive integer, got 0');
  });
});
