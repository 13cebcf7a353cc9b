import { concat, KindlingError, showShape, type Tensor } from '@kindling/core';

export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

/** Elements around the last dimensions, taken from the input: its mirror image, its border, or its other side. */
export function padAround(
  layer: string,
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  mode: Exclude<PaddingMode, 'zeros'>,
): Tensor {
  const lead = x.shape.length - widths.length;
  widths.forEach(([before, after], i) => {
    if (before === 0 && after === 0) return;
    const dim = lead + i;
    const size = x.shape[dim];
    const most = mode === 'reflect' ? size - 1 : mode === 'circular' ? size : Infinity;
    if (before > most || after > most || size === 0)
      throw new KindlingError(
        `${layer}: padding ${Math.max(before, after)} is more than an input of shape ${showShape(x.shape)} has to give in ` +
          `dimension ${dim} with paddingMode '${mode}'`,
      );
    const part = (from: number, to: number): Tensor =>
      x.slice(...x.shape.map((_, d) => (d === dim ? ([from, to] as const) : undefined)));
    const border = (from: number, count: number): Tensor =>
      part(from, from + 1).expand(...x.shape.map((n, d) => (d === dim ? count : n)));
    const [front, back] = {
      reflect: () => [part(1, 1 + before).flip(dim), part(size - 1 - after, size - 1).flip(dim)] as const,
      circular: () => [part(size - before, size), part(0, after)] as const,
      replicate: () => [border(0, before), border(size - 1, after)] as const,
    }[mode]();
    x = concat([front, x, back], dim);
  });
  return x;
}
