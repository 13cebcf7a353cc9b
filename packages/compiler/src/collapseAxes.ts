import type { Affine, Ids, Kernel } from './ir.js';
import { codesOf, mapBody } from './mapBody.js';

/**
 * The same kernel with fewer axes: axes of size 1 go, and two axes that every access walks through like one become
 * one. Long inner loops are what vectors want, and a kernel over a contiguous array has one axis, whatever the shape was.
 *
 * `halves`: also an axis and one of size 2 within it that some loads, which go through the first by ones, do not follow,
 * as where the gradient of pooling reads what it spreads. Their stride is then ½: lanes must lie along that axis.
 */
export function collapseAxes(kernel: Kernel, halves = false): Kernel {
  const sizes = [...kernel.axes];
  const lists: { ids: number[]; ordered: boolean }[] = [];
  const list = (axes: Ids, ordered = false): number[] => {
    const ids = axes.filter((k) => sizes[k] !== 1);
    lists.push({ ids, ordered });
    return ids;
  };
  const affines: { base: number; stride: number[] }[] = [];
  const affine = ({ base, stride }: Affine): Affine => affines[affines.push({ base, stride: [...stride] }) - 1];
  const given = kernel.body;
  const body: Kernel['body'] = mapBody(
    given.kind === 'loops'
      ? {
          ...given,
          outer: list(given.outer),
          blocks: given.blocks.map((block) => ({
            ...block,
            inner: list(block.inner, block.reduces.some(({ op }) => op.startsWith('arg'))), // prettier-ignore
          })),
        }
      : { ...given, batch: list(given.batch), m: list(given.m), n: list(given.n), k: list(given.k) },
    { affine },
  );
  // those that may stand still while the axis of size 2 within theirs goes on
  const repeatable = new Set<Affine>();
  if (halves)
    for (const inst of codesOf(body).flat())
      if (inst.op === 'load' && !inst.at.bounds && !inst.at.by) repeatable.add(inst.at.index);

  const merge = (a: number, b: number): boolean => {
    const fits = lists.every(({ ids, ordered }) => {
      const at = ids.indexOf(a);
      return at < 0 === !ids.includes(b) && (at < 0 || !ordered || ids[at + 1] === b);
    });
    const likeOne = ({ stride }: Affine): boolean => stride[a] === stride[b] * sizes[b];
    const twice = ({ stride }: Affine): boolean => sizes[b] === 2 && stride[a] === 1 && stride[b] === 0;
    if (!fits || !affines.every((f) => likeOne(f) || (repeatable.has(f) && twice(f)))) return false;
    for (const f of affines) {
      if (!likeOne(f)) f.stride[b] = 1 / 2;
      f.stride[a] = 0;
    }
    sizes[b] *= sizes[a];
    for (const { ids } of lists) if (ids.includes(a)) ids.splice(ids.indexOf(a), 1);
    return true;
  };
  for (const { ids } of lists)
    for (let merged = true; merged;) merged = ids.some((a) => ids.some((b) => a !== b && merge(a, b)));

  const used = sizes.flatMap((_, k) => (lists.some(({ ids }) => ids.includes(k)) ? [k] : []));
  for (const { ids } of lists) ids.forEach((k, i) => (ids[i] = used.indexOf(k)));
  for (const f of affines) f.stride = used.map((k) => f.stride[k]);
  return { ...kernel, axes: used.map((k) => sizes[k]), body };
}
