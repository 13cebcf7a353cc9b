import type { DType, TypedArray } from '@kindling/core';

/** What a node of the graph is worth in one run. The array is never written to once it is here. */
export interface Value {
  readonly array: TypedArray;
  readonly shape: readonly number[];
  readonly dtype: DType;
}
