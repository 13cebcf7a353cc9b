import type { Ids } from './ir.js';

/** How many indices some axes have together. */
export function count(axes: Ids, sizes: Ids): number {
  return axes.reduce((product, axis) => product * sizes[axis], 1);
}

/** Strides of the position in row-major order over some axes. */
export function rowMajor(axes: Ids, sizes: Ids): number[] {
  const stride = sizes.map(() => 0);
  let step = 1;
  for (const axis of [...axes].reverse()) {
    stride[axis] = step;
    step *= sizes[axis];
  }
  return stride;
}
