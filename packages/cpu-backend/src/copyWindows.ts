import type { FunctionBuilder } from './assembler.js';
import type { ContractModule } from './contractModule.js';
import { layoutOf, type Windows } from './windows.js';

/**
 * Writes for each index of some axes, in row-major order, where its windows begin: bytes from the begin of the copy of a
 * block, or, for terms, from the begin of a window.
 */
export function writeOffsets(
  fn: FunctionBuilder,
  windows: Windows,
  steps: readonly number[],
  axes: readonly { readonly axis: number; readonly size: number }[],
  first: boolean,
  target: () => void,
): void {
  const { dimensions } = windows;
  const stepOf = (axis: number) => dimensions.reduce((sum, { stride }, d) => sum + stride[axis] * steps[d] * 4, 0);
  fn.scope(() => {
    const [at, offset] = [fn.local('i32'), fn.local('i32')];
    target();
    fn.set(at);
    fn.i32(first ? dimensions.reduce((sum, d, i) => sum + d.first * steps[i] * 4, 0) : 0).set(offset);
    const walk = (i: number): void => {
      if (i === axes.length) {
        fn.get(at).get(offset).memory('i32.store', 0).get(at).plus(4).set(at);
        return;
      }
      const { axis, size } = axes[i];
      fn.scope(() => {
        const left = fn.local('i32');
        fn.i32(size).set(left);
        fn.loop(() => {
          walk(i + 1);
          fn.get(offset).plus(stepOf(axis)).set(offset);
          fn.get(left).plus(-1).tee(left).branch(0);
        });
      });
      fn.get(offset).plus(-size * stepOf(axis)).set(offset); // prettier-ignore
    };
    walk(0);
  });
}

/** The function that copies what the windows of a range of rows and terms lie over; what is 0 stays as it is. */
export function copyWindows(contract: ContractModule, windows: Windows): FunctionBuilder {
  const { body, kernel, block } = contract.plan;
  const [frame, from, to, kFrom, kTo, target] = [0, 1, 2, 3, 4, 6];
  const fn = contract.module.function('copy', Array(7).fill('i32'));
  const { index } = windows.load.at;
  const { linear, offset } = contract.linears.place(windows.load.at.buffer, index, 4);
  const { steps } = layoutOf(windows, block!);
  const rest = body.m.slice(1).reduce((product, axis) => product * kernel.axes[axis], 1);
  const ranges = new Map<number, () => void>([
    [body.m[0], () => void fn.get(to).get(from).op('i32.sub').i32(rest).op('i32.div_u')],
    [body.k[0], () => void fn.get(kTo).get(kFrom).op('i32.sub')],
  ]);
  const starts = new Map<number, () => void>([
    [body.m[0], () => void fn.get(from).i32(rest).op('i32.div_u')],
    [body.k[0], () => void fn.get(kFrom)],
  ]);
  const [source, copy] = [fn.local('i32'), fn.local('i32')];
  contract.fromFrame(fn, frame, linear);
  fn.plus(offset);
  let begin = 0;
  windows.dimensions.forEach((d, i) => {
    const axis = windows.blocked.find((blocked) => d.stride[blocked] !== 0);
    if (axis === undefined) {
      // place `from`, seen from where all axes are 0
      fn.plus((d.from - d.first) * d.source * 4);
      begin += d.from * steps[i] * 4;
    } else {
      starts.get(axis)!();
      fn.times(d.source * 4).op('i32.add');
    }
  });
  fn.set(source).get(target).plus(begin).set(copy);
  const last = windows.dimensions.length - 1;
  const walk = (i: number, source: number, copy: number): void => {
    const d = windows.dimensions[i];
    const axis = windows.blocked.find((blocked) => d.stride[blocked] !== 0);
    if (i === last && axis === undefined && d.source === 1) return line(fn, source, copy, d.to - d.from);
    fn.scope(() => {
      const [s, c, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32')];
      fn.get(source).set(s).get(copy).set(c);
      if (axis === undefined) fn.i32(d.to - d.from);
      else ranges.get(axis)!();
      fn.tee(left).i32(0).op('i32.gt_s');
      fn.if(() =>
        fn.loop(() => {
          if (i < last) walk(i + 1, s, c);
          else fn.get(c).get(s).memory('i32.load', 0).memory('i32.store', 0);
          fn.get(s).plus(d.source * 4).set(s).get(c).plus(steps[i] * 4).set(c); // prettier-ignore
          fn.get(left).plus(-1).tee(left).branch(0);
        }),
      );
    });
  };
  walk(0, source, copy);
  return fn;
}

/** Copies so many neighbours. */
function line(fn: FunctionBuilder, source: number, copy: number, length: number): void {
  const move = (kind: 'v128' | 'i32', at: number, s = source, c = copy) =>
    fn.get(c).get(s).memory(`${kind}.load`, at).memory(`${kind}.store`, at);
  if (length < 4) {
    for (let i = 0; i < length; i++) move('i32', 4 * i);
    return;
  }
  const vectors = Math.floor(length / 4);
  if (vectors <= 16) for (let v = 0; v < vectors; v++) move('v128', 16 * v);
  else
    fn.scope(() => {
      const [s, c, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32')];
      fn.get(source).set(s).get(copy).set(c).i32(vectors).set(left);
      fn.loop(() => {
        move('v128', 0, s, c);
        fn.get(s).plus(16).set(s).get(c).plus(16).set(c).get(left).plus(-1).tee(left).branch(0);
      });
    });
  if (length % 4 > 0) move('v128', 4 * (length - 4));
}
