import type { Ids } from '@kindling/compiler';
import type { FunctionBuilder } from './assembler.js';
import type { Site } from './contractModule.js';

/** Locals with the index on each of some axes, given the position in row-major order. */
export function decompose(fn: FunctionBuilder, sizes: Ids, axes: Ids, position: number): Map<number, number> {
  const result = new Map<number, number>();
  const rest = fn.local('i32');
  fn.get(position).set(rest);
  axes.forEach((_, i) => {
    const axis = axes[axes.length - 1 - i];
    const local = fn.local('i32');
    const size = sizes[axis];
    fn.get(rest);
    if (i < axes.length - 1) fn.i32(size).op('i32.rem_u').set(local).get(rest).i32(size).op('i32.div_u').set(rest);
    else fn.set(local);
    result.set(axis, local);
  });
  return result;
}

/**
 * Runs `emit` for every group of `width` neighbours in a range of the row-major order of some axes. Lanes lie along
 * the last axis; where a group would go over its end, its members come one by one. The range begins at a multiple of
 * the width.
 */
export function groups(
  { fn, nest }: Site,
  sizes: Ids,
  axes: Ids,
  width: number,
  { from, to, at }: { from: number; to: number; at: number },
  ids: Iterable<number>,
  emit: (lanes: number) => void,
): void {
  const last = axes[axes.length - 1];
  fn.get(from).set(at);
  if (last === undefined) return fn.scope(() => emit(1));
  const size = sizes[last];
  const length = () => fn.get(to).get(from).op('i32.sub');
  if (axes.length === 1) {
    const body = (lanes: number) => () => {
      emit(lanes);
      fn.get(at).plus(lanes).set(at);
    };
    const tail = size % width;
    const parts = [
      { trips: () => void length().i32(Math.log2(width)).op('i32.shr_u'), step: width, body: body(width) },
      { trips: () => void length().i32(width - 1).op('i32.and').i32(0).op('i32.ne'), step: tail, body: body(tail) }, // prettier-ignore
    ];
    nest.loop(last, ids, tail > 0 ? parts : parts.slice(0, 1), () => fn.get(from));
    return;
  }
  const openAll = (locals: ReadonlyMap<number, number>, lanes: number) => {
    const [head, ...tail] = [...locals].map(([axis, local]) => (inner: () => void) => nest.open(axis, ids, () => fn.get(local), inner)); // prettier-ignore
    tail.reduce<() => void>((inner, open) => () => open(inner), () => head(() => emit(lanes)))(); // prettier-ignore
  };
  fn.block(() =>
    fn.loop(() => {
      fn.get(at).get(to).op('i32.ge_s').branch(1);
      fn.scope(() => {
        const locals = decompose(fn, sizes, axes, at);
        const single = () => {
          openAll(locals, 1);
          fn.get(at).plus(1).set(at);
        };
        if (width === 1) return single();
        // a group starts anywhere if the one before was cut
        fn.get(locals.get(last)!).i32(size - width).op('i32.le_s'); // prettier-ignore
        fn.get(at).plus(width).get(to).op('i32.le_s').op('i32.and');
        fn.get(at).get(from).op('i32.sub').i32(width - 1).op('i32.and').op('i32.eqz').op('i32.and'); // prettier-ignore
        fn.if(() => {
          openAll(locals, width);
          fn.get(at).plus(width).set(at);
        }, single);
      });
      fn.branch(0, false);
    }),
  );
}
