import type { DType } from '@kindling/core';
import fc from 'fast-check';
import type { Leaf, Recipe } from './program.js';

const sizes = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 12, 13, 16, 17, 31, 33, 0);
/** Few sizes in one program, so that shapes fit each other. */
const shapes = (pool: readonly number[]): fc.Arbitrary<number[]> =>
  fc.array(fc.constantFrom(...pool), { maxLength: 3 }).filter((s) => s.reduce((n, x) => n * x, 1) <= 6000);
/** Now and then many elements, or few long rows: other schedules. */
const large: fc.Arbitrary<number[]> = fc.constantFrom<number[]>(
  [3, 20_000],
  [130, 150],
  [40_000],
  [150, 1, 130],
  [2, 17_000],
);

const dtypes = fc.constantFrom<DType>('float32', 'float32', 'float32', 'float64', 'int32', 'bool', 'uint32');

const leaf = (shape: fc.Arbitrary<number[]>, seed: number): fc.Arbitrary<Leaf> =>
  fc
    .record({ shape, dtype: dtypes, fractions: fc.boolean(), variable: fc.boolean() })
    .map(({ shape: s, dtype, fractions, variable }): Leaf => ({
      shape: s,
      dtype,
      whole: !fractions || !dtype.startsWith('float'),
      variable: variable && dtype !== 'bool' && dtype !== 'uint32',
      seed,
    }));

const instruction = fc.array(fc.nat(10_000), { minLength: 9, maxLength: 9 });

const various: fc.Arbitrary<Recipe> = fc
  .tuple(fc.array(sizes, { minLength: 2, maxLength: 3 }), fc.nat(9))
  .chain(([pool, rare]) => {
    const some = [...pool, 1];
    return fc.record({
      kind: fc.constant('various' as const),
      leaves: fc
        .tuple(
          leaf(rare === 0 ? large : shapes(some), 1),
          leaf(shapes(some), 2),
          leaf(shapes(some), 3),
          leaf(shapes(some), 4),
        )
        .map((l): readonly Leaf[] => l),
      instructions: fc.array(instruction, { minLength: 1, maxLength: rare === 0 ? 8 : 28, size: 'max' }),
    });
  });

/** Square matrices of one size and one float type. */
const woven: fc.Arbitrary<Recipe> = fc
  .record({ size: fc.constantFrom(2, 3, 4, 7, 16), dtype: fc.constantFrom<DType>('float32', 'float32', 'float64') })
  .chain(({ size, dtype }) => {
    const matrix = (seed: number): fc.Arbitrary<Leaf> =>
      fc
        .record({ whole: fc.boolean(), variable: fc.boolean() })
        .map((of) => ({ ...of, shape: [size, size], dtype, seed }));
    return fc.record({
      kind: fc.constant('woven' as const),
      leaves: fc.tuple(matrix(1), matrix(2), matrix(3)),
      instructions: fc.array(instruction, { minLength: 10, maxLength: 18, size: 'max' }),
    });
  });

export const recipes: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 4, arbitrary: various },
  { weight: 1, arbitrary: woven },
);
