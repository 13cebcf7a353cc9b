import type { Access, Ids } from './ir.js';

/**
 * The axes of `over` whose indices have places of their own, whatever the other axes and what is indirect are: places are
 * numbers in a mixed radix, and these are digits of them.
 */
export function ownAxes({ index, by = [] }: Access, over: Ids, axes: Ids): Ids {
  const moving = over.filter((axis) => index.stride[axis] !== 0 && axes[axis] !== 1);
  const digits = [...moving.map((axis) => [index.stride[axis], axes[axis]]), ...by.map(({ stride, limit }) => [stride, limit])]; // prettier-ignore
  let reach = 1;
  for (const [stride, size] of digits.map(([s, n]) => [Math.abs(s), n]).sort((a, b) => a[0] - b[0])) {
    if (stride < reach) return [];
    reach = stride * size;
  }
  return over.filter((axis) => index.stride[axis] !== 0);
}
