/** For each dimension, how far apart its neighbours are in an array in row-major order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

/**
 * Calls `visit` for every index of `shape` in row-major order, with base + Σ strides[d] · index[d] and the number of
 * calls before. The index is one array that changes between the calls.
 */
export function forEachIndex(
  shape: readonly number[],
  strides: readonly number[],
  base: number,
  visit: (offset: number, position: number, index: readonly number[]) => void,
): void {
  if (shape.includes(0)) return;
  const index = shape.map(() => 0);
  let offset = base;
  for (let position = 0; ; position++) {
    visit(offset, position, index);
    let d = shape.length - 1;
    for (; d >= 0; d--) {
      index[d] += 1;
      offset += strides[d];
      if (index[d] < shape[d]) break;
      offset -= strides[d] * shape[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}
