import { type DType, tensor, type TypedArray } from '@kindling/core';
import type { Computation } from './evaluateOn.js';
import { Generator } from './random/generator.js';
import { moves } from './random/moves.js';
import { Pool } from './random/pool.js';

export interface RandomGraphOptions {
  /** Default: all but float16. */
  readonly dtypes?: readonly DType[];
  /** How many operations, about. Default 12. */
  readonly steps?: number;
  /** The most elements that a tensor has. Default 500. */
  readonly elements?: number;
}

export interface RandomGraph extends Computation {
  /** The expression, line by line, for whoever must find out what went wrong. */
  readonly description: string;
  /** What the leaves hold. */
  readonly data: readonly { readonly shape: readonly number[]; readonly dtype: DType; readonly values: TypedArray }[];
}

/**
 * A random expression over all operations, dtypes, and shapes with sizes of 0, 1, and primes; the same for the same
 * seed. It has several results, some of which others are computed from.
 */
export function randomGraph(seed: number, options: RandomGraphOptions = {}): RandomGraph {
  const { dtypes = ['float32', 'float64', 'int32', 'uint32', 'bool'], steps = 12, elements = 500 } = options;
  const random = new Generator(seed);
  const pool = new Pool(random, dtypes, elements);
  for (let attempts = 0; pool.steps < steps && attempts < 20 * steps; attempts++) random.pick(moves)(pool);
  const results = pool.results();
  return {
    data: pool.leaves,
    leaves: () => pool.leaves.map(({ values, shape, dtype }) => tensor(values, { shape, dtype })),
    build: (leaves) => pool.build(leaves, results),
    description: `seed ${seed}\n${pool.lines.join('\n')}\nresults ${results.map((i) => `t${i}`).join(', ')}`,
  };
}
