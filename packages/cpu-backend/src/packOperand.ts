import { type Access, type Ids, type Inst, type Operand, rowMajor } from '@kindling/compiler';
import type { FunctionBuilder } from './assembler.js';
import { Body } from './body.js';
import { STRIP_GAP, type ContractModule, type Site } from './contractModule.js';
import { widthOf } from './emitLoops.js';
import { groups } from './groups.js';

/**
 * The function that evaluates an operand over a range of its own axes and of the first axis of k, into strips that
 * hold, for one index of k after another, `strip` values side by side.
 */
export function packOperand(
  contract: ContractModule,
  { code, out }: Operand,
  own: Ids,
  strip: number,
  vectors: number,
): FunctionBuilder {
  const { body, bytes, kernel } = contract.plan;
  const { k } = body;
  const [frame, from, to, kFrom, kTo, terms, target] = [0, 1, 2, 3, 4, 5, 6];
  const fn = contract.module.function('pack', Array(7).fill('i32'));
  const site = contract.site(fn);
  const { nest } = site;
  const axis = own[own.length - 1] ?? -1;
  const index = { base: 0, stride: rowMajor(k, kernel.axes).map((s, i) => (i === axis ? 1 : s * strip)) };
  const width = Math.min(widthOf(code), 16 / bytes);
  // what lies together along the lanes is read line by line; else a few lanes go along k before the next
  const byLine = own.length === 1 && k.length > 0 && liesAlong(code, axis);
  const ownDepth = byLine ? k.length + 1 : 1;
  const kDepth = byLine ? 1 : 2;
  const packed = new Body(contract.linears, {
    code,
    stores: [{ at: { buffer: contract.packed, index }, value: out, mode: 'set' }],
    results: [],
    lanesAxis: axis,
    width,
    depth: new Map([
      ...own.map((a): [number, number] => [a, ownDepth]),
      ...k.map((a, i): [number, number] => [a, kDepth + i]),
    ]),
    priorDepth: 0,
    deepest: k.length + 1,
    written: new Set(),
  });
  contract.attach(site, packed, frame);
  const { linear } = contract.linears.place(contract.packed, index, bytes);
  const others = [...packed.linears].filter((id) => id !== linear);
  packed.enter(0);
  /**
   * Loops over k, from kFrom, which goes to the begin of a strip. `four`, if given, does four indices of the last axis
   * at once.
   */
  const alongK = (inner: () => void, four?: () => void): void => {
    const walk = (i: number): void => {
      if (i === k.length) return inner();
      const length = () => void fn.get(kTo).get(kFrom).op('i32.sub');
      const size = kernel.axes[k[i]];
      const body = () => {
        packed.enter(kDepth + i);
        walk(i + 1);
      };
      if (!four || i < k.length - 1)
        return nest.loop(k[i], packed.linears, [{ trips: i === 0 ? length : size, step: 1, body }]);
      nest.loop(k[i], packed.linears, [
        { trips: i === 0 ? () => (length(), fn.i32(2).op('i32.shr_u')) : size >> 2, step: 4, body: four },
        { trips: i === 0 ? () => (length(), fn.i32(3).op('i32.and')) : size & 3, step: 1, body },
      ]);
    };
    if (k.length === 0) return inner();
    nest.open(
      k[0],
      others,
      () => fn.get(kFrom),
      () => walk(0),
    );
  };
  if (byLine) {
    fn.get(target).set(nest.at[linear]);
    alongK(() => packLine(contract, site, packed, { axis, linear, others, width, vectors: vectors * (contract.plan.width / width), strip })); // prettier-ignore
    return fn;
  }
  const turned = width === 4 ? turnedLoad(code, axis, k[k.length - 1]) : undefined;
  const group = fn.local('i32');
  groups(site, kernel.axes, own, width, { from, to, at: group }, others, (lanes) => {
    packed.resize(1, lanes);
    const relative = () => fn.get(group).get(from).op('i32.sub').i32(strip);
    fn.get(terms)
      .times(strip * bytes)
      .plus(STRIP_GAP);
    relative().op('i32.div_u').op('i32.mul').get(target).op('i32.add');
    relative().op('i32.rem_u').times(bytes).op('i32.add').set(nest.at[linear]);
    packed.enter(1);
    const transpose = () => transposeFour(site, contract, turned!, axis, nest.at[linear], strip * bytes);
    alongK(() => packed.store(), turned && lanes === 4 ? transpose : undefined);
  });
  return fn;
}

/** The load of an operand that is nothing else, if it runs along k where lanes run across it. */
function turnedLoad(code: readonly Inst[], axis: number, along: number | undefined): Access | undefined {
  const [load] = code;
  if (code.length > 1 || load.op !== 'load' || load.at.by || load.at.bounds || load.dtype === 'bool') return undefined;
  const { stride } = load.at.index;
  return along !== undefined && stride[along] === 1 && (stride[axis] ?? 0) > 1 ? load.at : undefined;
}

/** Four lanes, which lie apart, at four indices of k, which lie together: loaded along k, stored across. */
function transposeFour(
  { fn, o, nest }: Site,
  contract: ContractModule,
  { buffer, index }: Access,
  axis: number,
  target: number,
  step: number,
): void {
  const { linear, offset } = contract.linears.place(buffer, index, 4);
  const pointer = fn.local('i32');
  fn.get(nest.at[linear]).plus(offset).set(pointer);
  const [a, b, c, d] = [0, 1, 2, 3].map((lane) =>
    o.keep(() => fn.get(pointer).memory('v128.load', lane * index.stride[axis] * 4)),
  );
  const [evenLow, oddLow] = [o.keep(o.shuffle(a, b, [0, 4, 1, 5])), o.keep(o.shuffle(c, d, [0, 4, 1, 5]))];
  const [evenHigh, oddHigh] = [o.keep(o.shuffle(a, b, [2, 6, 3, 7])), o.keep(o.shuffle(c, d, [2, 6, 3, 7]))];
  [
    [evenLow, oddLow],
    [evenHigh, oddHigh],
  ].forEach(([x, y], half) =>
    [
      [0, 1, 4, 5],
      [2, 3, 6, 7],
    ].forEach((lanes, i) => {
      fn.get(target);
      o.shuffle(x, y, lanes)();
      fn.memory('v128.store', (2 * half + i) * step);
    }),
  );
}

/** Packs one line: at one index of k, all of an operand's own axis that is wanted. */
function packLine(
  contract: ContractModule,
  { fn, nest }: Site,
  packed: Body,
  o: { axis: number; linear: number; others: number[]; width: number; vectors: number; strip: number },
): void {
  const { kernel, bytes } = contract.plan;
  const [from, to, terms] = [1, 2, 5];
  const step = o.vectors * o.width;
  const rest = kernel.axes[o.axis] % step;
  const length = () => fn.get(to).get(from).op('i32.sub').i32(step);
  // the range ends at the axis' end or at a multiple of the step
  const atEnd = () => length().op('i32.rem_u').i32(0).op('i32.ne');
  fn.scope(() => {
    const target = fn.local('i32');
    fn.get(nest.at[o.linear]).set(target);
    const part = (trips: () => void, vectors: number, lanes: number) => ({
      trips,
      step: vectors * lanes,
      body: () => {
        packed.resize(vectors, lanes);
        packed.enter(kernelDepth);
        packed.store();
        fn.get(target).plus(vectors * lanes * bytes);
        // the next strip
        if (vectors * lanes === o.strip) fn.get(terms).plus(-1).times(o.strip * bytes).plus(STRIP_GAP).op('i32.add'); // prettier-ignore
        fn.set(target);
      },
    });
    const kernelDepth = contract.plan.body.k.length + 1;
    const parts = [part(() => void length().op('i32.div_u'), o.vectors, o.width)];
    if (rest >= o.width) parts.push(part(() => void atEnd().times(Math.floor(rest / o.width)), 1, o.width));
    if (rest % o.width > 0) parts.push(part(() => void atEnd(), 1, rest % o.width));
    const outside = nest.at[o.linear];
    nest.at[o.linear] = target;
    nest.loop(o.axis, o.others, parts, () => fn.get(from));
    nest.at[o.linear] = outside;
  });
}

/** Whether every load that follows an axis finds its neighbours along it side by side. */
function liesAlong(code: readonly Inst[], axis: number): boolean {
  return code.every((inst) => inst.op !== 'load' || inst.at.index.stride[axis] >> 1 === 0);
}
