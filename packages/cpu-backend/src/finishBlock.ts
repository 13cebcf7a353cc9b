import { type Inst, rowMajor } from '@kindling/compiler';
import type { FunctionBuilder } from './assembler.js';
import { Body } from './body.js';
import type { ContractModule } from './contractModule.js';
import { widthOf, writtenBuffers } from './emitLoops.js';
import { groups } from './groups.js';

/** The function that runs the epilogue over a block of finished sums. */
export function finishBlock(contract: ContractModule): FunctionBuilder {
  const { body, bytes, kernel, width } = contract.plan;
  const { m, n, epilogue, dtype } = body;
  const [frame, rowFrom, rowTo, columnFrom, columnTo, sums] = [0, 1, 2, 3, 4, 5];
  const fn = contract.module.function('finish', Array(6).fill('i32'));
  const site = contract.site(fn);
  const row = rowMajor(m, kernel.axes);
  const rowSize = contract.sumsRow / bytes;
  const index = { base: 0, stride: rowMajor(n, kernel.axes).map((s, axis) => s + row[axis] * rowSize) };
  const sum: Inst = { op: 'load', at: { buffer: contract.sums, index }, dtype };
  const ending = new Body(contract.linears, {
    code: epilogue.code.map((inst) => (inst.op === 'acc' ? sum : inst)),
    stores: epilogue.stores,
    results: [],
    lanesAxis: n[n.length - 1] ?? -1,
    width: Math.min(width, widthOf(epilogue.code)),
    depth: new Map([...m.map((a): [number, number] => [a, 1]), ...n.map((a): [number, number] => [a, 2])]),
    priorDepth: 0,
    deepest: 2,
    written: writtenBuffers(kernel),
  });
  contract.attach(site, ending, frame);
  const { linear } = contract.linears.place(contract.sums, index, bytes);
  if (ending.linears.has(linear)) {
    fn.get(sums).get(rowFrom).times(contract.sumsRow).op('i32.sub');
    fn.get(columnFrom).times(bytes).op('i32.sub').set(site.nest.at[linear]);
  }
  ending.enter(0);
  const ids = ending.linears;
  groups(site, kernel.axes, m, 1, { from: rowFrom, to: rowTo, at: fn.local('i32') }, ids, () => {
    ending.enter(1);
    const range = { from: columnFrom, to: columnTo, at: fn.local('i32') };
    groups(site, kernel.axes, n, Math.min(width, widthOf(epilogue.code)), range, ids, (lanes) => {
      ending.resize(1, lanes);
      ending.enter(2);
      ending.store();
    });
  });
  return fn;
}
