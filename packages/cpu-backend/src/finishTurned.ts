import type { FunctionBuilder } from './assembler.js';
import { Body } from './body.js';
import type { ContractModule } from './contractModule.js';
import { writtenBuffers } from './emitLoops.js';
import { groups } from './groups.js';
import type { Part } from './nest.js';

/**
 * The function that runs the epilogue over a block of finished sums whose rows lie together in the result: four columns
 * at a time, turned, if the columns have one axis. The block begins and ends with the first axis of the rows.
 */
export function finishTurned(contract: ContractModule): FunctionBuilder {
  const { body, kernel } = contract.plan;
  const { m, n, epilogue } = body;
  const [frame, rowFrom, rowTo, columnFrom, columnTo, sums] = [0, 1, 2, 3, 4, 5];
  const fn = contract.module.function('finish', Array(6).fill('i32'));
  const site = contract.site(fn);
  const { nest, o } = site;
  const [column] = n;
  const lanesAxis = m[m.length - 1];
  const pointer = fn.local('i32');
  let turned: number[] = [];
  let which = 0;
  const ending = new Body(contract.linears, {
    code: epilogue.code,
    stores: epilogue.stores,
    results: [],
    lanesAxis,
    width: 4,
    // columns take turns within all loops
    depth: new Map([...n, ...m].map((axis) => [axis, 1])),
    priorDepth: 0,
    deepest: 1,
    written: writtenBuffers(kernel),
    given: () => () => fn.get(turned[which]),
  });
  ending.shift = (linear) => which * (contract.linears.all[linear].stride[column] ?? 0);
  contract.attach(site, ending, frame);
  ending.enter(0);
  const rest = m.slice(1).reduce((product, axis) => product * kernel.axes[axis], 1);
  const length = () => fn.get(columnTo).get(columnFrom).op('i32.sub');
  const sumsOfColumn = fn.local('i32');
  fn.get(sums).set(sumsOfColumn);
  const columns = (count: number): void => {
    fn.get(sumsOfColumn).set(pointer);
    rows(0, count);
    fn.get(sumsOfColumn)
      .plus(4 * count)
      .set(sumsOfColumn);
  };
  const rows = (i: number, count: number): void => {
    const axis = m[i];
    const size = kernel.axes[axis];
    const innermost = i === m.length - 1;
    const run = (lanes: number) => () => {
      if (!innermost) return rows(i + 1, count);
      turned = turn(lanes, count);
      fn.get(pointer)
        .plus(lanes * contract.sumsRow)
        .set(pointer);
      ending.resize(1, lanes);
      for (which = 0; which < count; which++)
        fn.scope(() => {
          ending.enter(1);
          ending.store();
        });
    };
    const range = () => void fn.get(rowTo).get(rowFrom).op('i32.sub').i32(rest).op('i32.div_u');
    const parts: Part[] = !innermost
      ? [{ trips: i === 0 ? range : size, step: 1, body: run(1) }]
      : i > 0
        ? [
            { trips: size >> 2, step: 4, body: run(4) },
            { trips: Number(size % 4 > 0), step: size % 4, body: run(size % 4) },
          ]
        : [
            { trips: () => (range(), fn.i32(2).op('i32.shr_u')), step: 4, body: run(4) },
            { trips: () => (range(), fn.i32(3).op('i32.and')), step: 1, body: run(1) },
          ];
    const start = i > 0 ? undefined : () => void fn.get(rowFrom).i32(rest).op('i32.div_u');
    nest.loop(axis, ending.linears, parts, start);
  };
  /** So many rows of four columns or fewer as vectors along the rows: four by four are read, whether all count or not. */
  const turn = (lanes: number, count: number): number[] => {
    const keep = (emit: () => void) => {
      const local = fn.local('v128');
      emit();
      fn.set(local);
      return local;
    };
    const [a, b, c, d] = [0, 1, 2, 3].map((row) =>
      o.keep(() => fn.get(pointer).memory('v128.load', Math.min(row, lanes - 1) * contract.sumsRow)),
    );
    const pairs = [[0, 4, 1, 5], [2, 6, 3, 7]].slice(0, Math.ceil(count / 2)).map((lanes) => [o.keep(o.shuffle(a, b, lanes)), o.keep(o.shuffle(c, d, lanes))]); // prettier-ignore
    return pairs.flatMap(([x, y]) => [[0, 1, 4, 5], [2, 3, 6, 7]].slice(0, count).map((lanes) => keep(o.shuffle(x, y, lanes)))); // prettier-ignore
  };
  if (n.length > 1) {
    const range = { from: columnFrom, to: columnTo, at: fn.local('i32') };
    groups(site, kernel.axes, n, 1, range, ending.linears, () => columns(1));
    return fn;
  }
  nest.loop(
    column,
    ending.linears,
    [
      { trips: () => (length(), fn.i32(2).op('i32.shr_u')), step: 4, body: () => columns(4) },
      { trips: () => (length(), fn.i32(3).op('i32.and')), step: 1, body: () => columns(1) },
    ],
    () => fn.get(columnFrom),
  );
  return fn;
}
