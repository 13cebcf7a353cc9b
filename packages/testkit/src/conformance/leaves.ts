import { type DType, type Tensor, tensor } from '@kindling/core';
import { Generator } from '../random/generator.js';
import { randomValues } from '../random/values.js';

/** Leaves of these shapes, with values that are the same each time. */
export function leavesOf(dtype: DType, ...shapes: readonly (readonly number[])[]): () => Tensor[] {
  return () => {
    const random = new Generator(1);
    return shapes.map((shape) => tensor(randomValues(random, shape, dtype), { shape, dtype }));
  };
}

/** All of its subsets. */
export function subsets<T>(list: readonly T[]): T[][] {
  return list.reduce<T[][]>((sets, x) => [...sets, ...sets.map((s) => [...s, x])], [[]]);
}
