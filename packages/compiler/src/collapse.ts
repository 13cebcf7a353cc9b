import type { Access, Affine, Block, Ids, Inst, Kernel, Operand, Store } from './ir.js';

/**
 * Makes one axis of neighbouring axes that every access runs through without a gap, and drops axes of size 1: a kernel
 * over a contiguous array has one axis, whatever the shape was.
 */
export function collapseAxes(kernel: Kernel): Kernel {
  const sizes = [...kernel.axes];
  const affines: { stride: number[] }[] = [];
  const copies = new Map<Affine, Affine>();
  const mapAffine = (a: Affine): Affine => {
    let copy = copies.get(a);
    if (copy === undefined) {
      const mutable = { base: a.base, stride: [...a.stride] };
      affines.push(mutable);
      copies.set(a, (copy = mutable));
    }
    return copy;
  };
  const mapped = mapKernel(kernel, mapAffine);
  const lists: number[][] = [];
  const list = (ids: Ids): number[] => {
    const copy = ids.filter((k) => sizes[k] !== 1);
    lists.push(copy);
    return copy;
  };
  let body: Kernel['body'];
  if (mapped.body.kind === 'loops')
    body = { ...mapped.body, outer: list(mapped.body.outer), blocks: mapped.body.blocks.map((b) => ({ ...b, inner: list(b.inner) })) }; // prettier-ignore
  else {
    const { batch, m, n, k } = mapped.body;
    body = { ...mapped.body, batch: list(batch), m: list(m), n: list(n), k: list(k) };
  }
  for (const ids of lists)
    for (let i = ids.length - 1; i > 0; i--) {
      const [a, b] = [ids[i - 1], ids[i]];
      // an axis of several blocks could only be merged in all of them
      const elsewhere = lists.some((other) => other !== ids && (other.includes(a) || other.includes(b)));
      if (elsewhere || !affines.every(({ stride }) => stride[a] === stride[b] * sizes[b])) continue;
      sizes[b] *= sizes[a];
      for (const { stride } of affines) stride[a] = 0;
      ids.splice(i - 1, 1);
    }
  const used = sizes.map((_, k) => lists.some((ids) => ids.includes(k)));
  const renumber: number[] = [];
  let next = 0;
  used.forEach((u, k) => (renumber[k] = u ? next++ : -1));
  for (const ids of lists) ids.forEach((k, i) => (ids[i] = renumber[k]!));
  for (const a of affines) a.stride.splice(0, a.stride.length, ...a.stride.filter((_, k) => used[k]));
  return { ...kernel, axes: sizes.filter((_, k) => used[k]), body };
}

/** A kernel with every affine index replaced. */
function mapKernel(kernel: Kernel, f: (a: Affine) => Affine): Kernel {
  const access = (at: Access): Access => ({
    ...at,
    index: f(at.index),
    ...(at.bounds === undefined ? {} : { bounds: at.bounds.map((b) => ({ ...b, at: f(b.at) })) }),
  });
  const code = (insts: readonly Inst[]): Inst[] =>
    insts.map((inst) =>
      inst.op === 'load' ? { ...inst, at: access(inst.at) } : inst.op === 'index' ? { ...inst, at: f(inst.at) } : inst,
    );
  const stores = (list: readonly Store[]): Store[] => list.map((s) => ({ ...s, at: access(s.at) }));
  const operand = (o: Operand): Operand => ({ ...o, code: code(o.code) });
  const { body } = kernel;
  if (body.kind === 'loops')
    return { ...kernel, body: { ...body, blocks: body.blocks.map((b): Block => ({ ...b, code: code(b.code), stores: stores(b.stores) })) } }; // prettier-ignore
  return {
    ...kernel,
    body: { ...body, a: operand(body.a), b: operand(body.b), epilogue: { code: code(body.epilogue.code), stores: stores(body.epilogue.stores) } }, // prettier-ignore
  };
}

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
  const mapped = mapKernel(kernel, affine);
  return {
    kernel: { ...mapped, axes: [0], segmented: true, body: { ...(mapped.body as typeof body), outer: [0] } },
    length,
  };
}
