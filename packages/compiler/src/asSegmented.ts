import type { Access, Affine, Kernel } from './ir.js';
import { mapBody } from './mapBody.js';

/**
 * An elementwise kernel over contiguous arrays as a segmented one, which any length shares; with its length. Undefined
 * where it is not of that form.
 */
export function asSegmented(kernel: Kernel): { readonly kernel: Kernel; readonly length: number } | undefined {
  const { body, axes } = kernel;
  if (body.kind !== 'loops' || axes.length > 1 || body.blocks.length !== 1) return undefined;
  const [block] = body.blocks;
  if (block.inner.length > 0 || block.reduces.length > 0 || body.outer.length !== axes.length) return undefined;
  const plain = ({ index, bounds, by }: Access): boolean =>
    index.base === 0 &&
    bounds === undefined &&
    by === undefined &&
    (axes.length === 0 || index.stride[0] === 1 || index.stride[0] === 0);
  const isPlain =
    block.code.every((i) => (i.op !== 'load' || plain(i.at)) && i.op !== 'prior') &&
    block.stores.every((s) => plain(s.at) && s.mode === 'set' && (axes.length === 0 || s.at.index.stride[0] === 1));
  if (!isPlain) return undefined;
  const length = axes.length === 0 ? 1 : axes[0];
  // a single element is a segment of length 1
  const affine = (a: Affine): Affine => (axes.length === 0 ? { base: a.base, stride: [1] } : a);
  return {
    kernel: { ...kernel, axes: [0], segmented: true, body: { ...mapBody(body, { affine }), outer: [0] } },
    length,
  };
}
