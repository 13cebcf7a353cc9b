import type { Expr, FunctionBuilder } from './assembler.js';
import { Body, inPairs } from './body.js';
import { FRAME, type ContractModule, type Site } from './contractModule.js';
import { writtenBuffers } from './emitLoops.js';
import { shapeOf } from './lanes.js';

/** The function for one strip of tiles, down the rows of a block. */
export function stripOfTiles(contract: ContractModule, vectors: number, lastLanes: number): FunctionBuilder {
  const { tile, rows, rowBlock, bytes, a, windows } = contract.plan;
  const parameters = Array<'i32'>(9).fill('i32');
  const fn = contract.module.function('strip', parameters);
  const [pointer, row, rowEnd, sums] = [0, 3, 4, 6];
  const tileOf = (count: number) => {
    // a function of its own: engines unroll loops within loops, which takes the registers that the sums need
    const one = contract.module.function('tile', parameters, false);
    emitTile(contract, contract.site(one), count, vectors, lastLanes);
    return () => {
      parameters.forEach((_, local) => fn.get(local));
      fn.call(one.index);
    };
  };
  if (rows >= tile.rows) {
    const full = tileOf(tile.rows);
    fn.block(() =>
      fn.loop(() => {
        fn.get(rowEnd).get(row).op('i32.sub').i32(tile.rows).op('i32.lt_s').branch(1);
        full();
        for (const [local, step] of [
          [pointer, tile.rows * (windows ? 4 : a ? a.step : bytes)],
          [row, tile.rows],
          [sums, contract.keepsSums ? tile.rows * contract.sumsRow : 0],
        ] as const)
          fn.get(local).plus(step).set(local);
        fn.branch(0, false);
      }),
    );
  }
  // of a block, and of the last one
  for (const count of new Set([Math.min(rows, rowBlock) % tile.rows, (rows % rowBlock) % tile.rows])) {
    if (count === 0) continue;
    const rest = tileOf(count);
    fn.get(rowEnd).get(row).op('i32.sub').i32(count).op('i32.eq');
    fn.if(rest);
  }
  return fn;
}

/** One tile: the loop along k, then the epilogue. */
function emitTile(contract: ContractModule, site: Site, count: number, vectors: number, lastLanes: number): void {
  const { plan } = contract;
  const { fn, o } = site;
  const { bytes, kBlocks, depth, blockDepth, inRegisters, rowBlock, body } = plan;
  const [a, b, terms, sums, frame, flags] = [0, 1, 2, 6, 7, 8];
  const shape = shapeOf(body.dtype);
  const many = (length: number) => Array.from({ length }, () => fn.local('v128'));
  const totals = Array.from({ length: count }, () => many(vectors));
  const each = (body: (total: number, offset: number) => void) =>
    totals.forEach((line, i) => line.forEach((total, j) => body(total, i * contract.sumsRow + j * 16)));
  const zero = () => each((total) => (o.int(0)(), fn.set(total)));
  if (kBlocks === 1) zero();
  else {
    fn.get(flags).i32(1).op('i32.and');
    fn.if(zero, () => each((total, offset) => fn.get(sums).memory('v128.load', offset).set(total)));
  }
  if (depth > 0) {
    const [pa, pb, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32')];
    fn.get(a).set(pa).get(b).set(pb);
    const lines = many(vectors);
    const value = fn.local('v128');
    const [aStep, aNext] = plan.windows ? [0, 4] : plan.a ? [plan.a.step, plan.a.kStep] : [bytes, rowBlock * bytes];
    const bNext = plan.b ? plan.b.kStep : contract.strip * bytes;
    const { windows } = plan;
    // rows begin where the table says, and terms lie at the same distances in all
    const starts = windows ? totals.map(() => fn.local('i32')) : [];
    const distance = fn.local('i32');
    if (windows) {
      starts.forEach((start, i) => fn.get(frame).memory('i32.load', FRAME.windows).get(a).memory('i32.load', 4 * i).op('i32.add').set(start)); // prettier-ignore
      fn.get(frame).memory('i32.load', FRAME.terms).set(pa);
    }
    const term = (u: number) => {
      if (windows)
        fn.get(pa)
          .memory('i32.load', u * aNext)
          .set(distance);
      lines.forEach((line, j) =>
        fn
          .get(pb)
          .memory('v128.load', u * bNext + j * 16)
          .set(line),
      );
      totals.forEach((line, i) => {
        if (windows) fn.get(starts[i]).get(distance).op('i32.add').memory('v128.load32_splat', 0);
        else fn.get(pa).memory(`v128.load${bytes * 8}_splat`, u * aNext + i * aStep);
        fn.set(value);
        line.forEach((total, j) => {
          const get = (local: number): Expr => () => void fn.get(local); // prettier-ignore
          o.madd(get(value), get(lines[j]), get(total), shape)();
          fn.set(total);
        });
      });
    };
    // the way around the loop is never taken; with it V8 multiplies right after each load, and needs fewer registers
    const loop = (trips: () => void, unrolled: number) =>
      fn.block(() => {
        trips();
        fn.tee(left).op('i32.eqz').branch(0);
        fn.loop(() => {
          for (let u = 0; u < unrolled; u++) term(u);
          fn.get(pa).plus(unrolled * aNext).set(pa).get(pb).plus(unrolled * bNext).set(pb); // prettier-ignore
          fn.get(left).plus(-1).tee(left).branch(0);
        });
      });
    const unrolled = contract.target.pairsVectors && vectors > 1 ? Math.min(4, blockDepth) : 1;
    loop(() => fn.get(terms).i32(unrolled).op('i32.div_u'), unrolled);
    if (unrolled > 1) loop(() => fn.get(terms).i32(unrolled).op('i32.rem_u'), 1);
  }
  const order = Array.from({ length: vectors }, (_, j) => j);
  if (contract.target.pairsVectors) order.sort(inPairs);
  const keep = () =>
    totals.forEach((line, i) => {
      for (const j of order)
        fn.get(sums)
          .get(line[j])
          .memory('v128.store', i * contract.sumsRow + j * 16);
    });
  if (!inRegisters) return keep();
  const { code, stores } = body.epilogue;
  const finish = () => {
    if (stores.every(({ value }) => code[value].op === 'acc'))
      return emitEpilogue(contract, site, count, vectors, lastLanes, (i, j) => () => fn.get(totals[i][j]));
    // by way of memory, or V8 would order the loop by the uses of the sums here, and run out of registers
    keep();
    const sum = (i: number, j: number) => () => fn.get(sums).memory('v128.load', i * contract.sumsRow + j * 16);
    emitEpilogue(contract, site, count, vectors, lastLanes, sum);
  };
  if (kBlocks === 1) return finish();
  fn.get(flags).i32(2).op('i32.and');
  fn.if(finish, keep);
}

/** The epilogue on the sums of a tile. */
function emitEpilogue(
  contract: ContractModule,
  site: Site,
  count: number,
  vectors: number,
  lastLanes: number,
  sum: (i: number, j: number) => Expr,
): void {
  const { body, kernel, width } = contract.plan;
  const { fn, nest } = site;
  const [row, column, frame] = [3, 5, 7];
  // several axes are like one here, with the stride of the last
  const m = body.m[body.m.length - 1] ?? -1;
  const n = body.n[body.n.length - 1] ?? -1;
  let i = 0;
  const ending = new Body(contract.linears, {
    code: body.epilogue.code,
    stores: body.epilogue.stores,
    results: [],
    lanesAxis: n,
    width,
    depth: new Map([
      [n, 1],
      [m, 2],
    ]),
    priorDepth: 0,
    deepest: 2,
    written: writtenBuffers(kernel),
    given: (_, u) => sum(i, u),
  });
  ending.shift = (linear, u) => {
    const { stride } = contract.linears.all[linear];
    return i * (stride[m] ?? 0) + u * width * (stride[n] ?? 0);
  };
  ending.resize(vectors, width, lastLanes);
  fn.scope(() => {
    contract.attach(site, ending, frame);
    for (const id of ending.linears) {
      const { stride } = contract.linears.all[id];
      const at = nest.at[id];
      for (const [axis, local] of [
        [m, row],
        [n, column],
      ] as const)
        // prettier-ignore
        if (stride[axis]) fn.get(at).get(local).times(stride[axis]).op('i32.add').set(at);
    }
    ending.enter(0);
    ending.enter(1);
    // row by row, as the sums are computed: the engine orders the additions of the loop by their uses after it
    for (; i < count; i++) {
      fn.scope(() => {
        ending.enter(2);
        ending.store();
      });
    }
  });
}
