import type { Access, Affine, Inst, Kernel, Store } from '@kindling/compiler';

type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/**
 * The same kernel with fewer axes: axes of size 1 go, and two axes that every access walks through like one become
 * one. Long inner loops are what vectors want.
 *
 * `halves`: also an axis and one of size 2 within it that some loads, which go through the first by ones, do not follow,
 * as where the gradient of pooling reads what it spreads. Their stride is then ½: lanes must lie along that axis.
 */
export function collapseAxes(original: Kernel, halves = false): Kernel {
  const kernel = clone(original) as Mutable<Kernel>;
  const { axes, body } = kernel;
  const lists: { axes: number[]; ordered: boolean }[] = [];
  const codes: Inst[][] = [];
  const stores: Store[] = [];
  if (body.kind === 'loops') {
    lists.push({ axes: body.outer, ordered: false });
    for (const block of body.blocks) {
      lists.push({ axes: block.inner, ordered: block.reduces.some(({ op }) => op.startsWith('arg')) });
      codes.push(block.code);
      stores.push(...(block.stores as Store[]));
    }
  } else {
    for (const list of [body.batch, body.m, body.n, body.k]) lists.push({ axes: list, ordered: false });
    codes.push(body.a.code, body.b.code, body.epilogue.code);
    stores.push(...(body.epilogue.stores as Store[]));
  }
  const affines = [
    ...codes.flat().flatMap((inst) => (inst.op === 'index' ? [inst.at] : inst.op === 'load' ? within(inst.at) : [])),
    ...stores.flatMap((store) => within(store.at)),
  ] as Mutable<Affine>[];

  const repeatable = new Set<Affine>(
    codes.flat().flatMap((inst) => (halves && inst.op === 'load' && !inst.at.bounds && !inst.at.by ? [inst.at.index] : [])), // prettier-ignore
  );

  for (const { axes: list } of lists) remove(list, (axis) => axes[axis] === 1);
  for (const { axes: list } of lists) {
    for (let merged = true; merged;) merged = list.some((a) => list.some((b) => a !== b && merge(a, b)));
  }
  return kernel;

  function merge(a: number, b: number): boolean {
    const fits = lists.every(({ axes: list, ordered }) => {
      const at = list.indexOf(a);
      return at < 0 === !list.includes(b) && (at < 0 || !ordered || list[at + 1] === b);
    });
    const likeOne = (affine: Affine) => affine.stride[a] === affine.stride[b] * axes[b];
    const twice = (affine: Affine) => axes[b] === 2 && affine.stride[a] === 1 && affine.stride[b] === 0;
    if (!fits || !affines.every((affine) => likeOne(affine) || (repeatable.has(affine) && twice(affine)))) return false;
    for (const affine of affines) {
      if (!likeOne(affine)) affine.stride[b] = 1 / 2;
      affine.stride[a] = 0;
    }
    axes[b] *= axes[a];
    for (const { axes: list } of lists) remove(list, (axis) => axis === a);
    return true;
  }
}

function within({ index, bounds = [] }: Access): Affine[] {
  return [index, ...bounds.map(({ at }) => at)];
}

function remove(list: number[], which: (axis: number) => boolean): void {
  for (let i = list.length; i-- > 0;) if (which(list[i])) list.splice(i, 1);
}

function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)]));
}
