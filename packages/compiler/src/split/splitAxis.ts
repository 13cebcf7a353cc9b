import type { Ids, Inst, Store } from '../ir.js';
import { type Change, mapCode, mapStores } from '../mapBody.js';

/** An axis of a kernel as two: `parts` parts, which are a new axis at the end, of `size` places each. */
export interface SplitAxis {
  readonly axis: number;
  readonly parts: number;
  readonly size: number;
  /** Whether the last part has places that are none of the axis. */
  readonly isUneven: boolean;
}

/**
 * About `wanted` parts of the longest of some axes; undefined where there is nothing to split. Parts are equal where the
 * size allows it; uneven ones only where the caller can do with them.
 */
export function chooseSplit(over: Ids, axes: Ids, wanted: number, allowUneven: boolean): SplitAxis | undefined {
  const axis = over.reduce((best, k) => (best < 0 || axes[k] > axes[best] ? k : best), -1);
  if (axis < 0 || wanted < 2 || axes[axis] < 2) return undefined;
  const extent = axes[axis];
  const target = Math.min(wanted, extent);
  for (let by = 0; by <= target / 2; by++)
    for (const parts of [target + by, target - by])
      if (parts >= 2 && parts <= extent && extent % parts === 0)
        return { axis, parts, size: extent / parts, isUneven: false };
  if (!allowUneven) return undefined;
  const size = Math.ceil(extent / target);
  const parts = Math.ceil(extent / size);
  return parts < 2 ? undefined : { axis, parts, size, isUneven: true };
}

/** The axes with the new one. */
export function splitSizes(axes: Ids, { axis, parts, size }: SplitAxis): number[] {
  return [...axes.map((n, k) => (k === axis ? size : n)), parts];
}

/** Code over the axes with the new one. */
export function splitCode(code: readonly Inst[], split: SplitAxis): Inst[] {
  return mapCode(code, splitAffine(split));
}

export function splitStores(stores: readonly Store[], split: SplitAxis): Store[] {
  return mapStores(stores, splitAffine(split));
}

function splitAffine({ axis, size }: SplitAxis): Change {
  return { affine: ({ base, stride }) => ({ base, stride: [...stride, stride[axis] * size] }) };
}
