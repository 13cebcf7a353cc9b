import { deviceBytes, isFloat, type DType } from '@kindling/core';
import { type Access, type Affine, type Ids, type Inst, type Kernel, type Reduce, type Store } from './ir.js';
import { comparisons, isOfClass, opTypes } from './opTypes.js';
import { range } from './reference/convert.js';

/** Throws if the kernel breaks a rule of the IR, and says where. What depends on buffers' lengths is not seen here. */
export function validateKernel(kernel: Kernel): void {
  new Validation(kernel).run();
}

/** Where code stands, and what it may use there. */
interface Place {
  readonly name: string;
  /** Which block it is, of loops. */
  readonly block?: number;
  readonly axes: readonly number[];
  /** Result types of the reductions of the earlier blocks. */
  readonly priors: readonly (readonly DType[])[];
  readonly acc?: DType;
}

interface Use {
  readonly how: 'load' | 'set' | 'add' | 'fault';
  readonly where: string;
  readonly place: Place;
  readonly at: Access | undefined;
}

function fail(where: string, what: string): never {
  throw new Error(`Invalid kernel: ${where}: ${what}`);
}

class Validation {
  readonly #kernel: Kernel;
  readonly #uses: Use[][];

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#uses = kernel.buffers.map(() => []);
  }

  run(): void {
    const { axes, body, segmented } = this.#kernel;
    axes.forEach((size, axis) => {
      if (!Number.isInteger(size) || size < 0) fail(`axis ${axis}`, `its size is ${size}`);
    });
    if (segmented) this.#segmented();
    if (body.kind === 'loops') {
      this.#axes('outer', body.outer);
      if (body.blocks.length === 0) fail('the loops', 'there is no block in them');
      const priors: DType[][] = [];
      body.blocks.forEach((block, b) => {
        const name = `block ${b}`;
        const place: Place = { name, block: b, axes: [...body.outer, ...block.inner], priors: [...priors] };
        this.#axes(`${name}, outer and inner`, place.axes);
        this.#code(block.code, place);
        priors.push(block.reduces.map((reduce, r) => this.#reduce(reduce, block.code, `${name}, reduction ${r}`)));
        this.#stores(block.stores, block.code, place);
      });
    } else {
      const { batch, m, n, k, a, b, dtype, epilogue } = body;
      this.#axes('batch, m, n and k', [...batch, ...m, ...n, ...k]);
      if (dtype === 'bool') fail('the contraction', 'bool has no sum');
      const operands = [
        { operand: a, place: { name: 'operand a', axes: [...batch, ...m, ...k], priors: [] } },
        { operand: b, place: { name: 'operand b', axes: [...batch, ...n, ...k], priors: [] } },
      ];
      for (const { operand, place } of operands) {
        this.#code(operand.code, place);
        const out = this.#value(operand.out, operand.code, `${place.name}, out`);
        if (out !== dtype) fail(`${place.name}, out`, `it is ${out}, but the contraction ${dtype}`);
      }
      const place: Place = { name: 'epilogue', axes: [...batch, ...m, ...n], priors: [], acc: dtype };
      this.#code(epilogue.code, place);
      this.#stores(epilogue.stores, epilogue.code, place);
    }
    this.#uses.forEach((uses, buffer) => this.#bufferUses(uses, buffer));
  }

  #segmented(): void {
    const { axes, body, buffers } = this.#kernel;
    const where = 'a segmented kernel';
    if (body.kind !== 'loops') return fail(where, `its body is '${body.kind}', not 'loops'`);
    if (body.outer.length !== 1 || body.outer[0] !== 0) fail(where, `its outer axes are [${body.outer}], not [0]`);
    if (axes.length !== 1 || axes[0] !== 0) fail(where, `its axes are [${axes}], not [0]`);
    if (buffers.length === 0) fail(where, 'it has no buffers, so its segments cannot be counted');
    body.blocks.forEach(({ inner, code, stores }, b) => {
      if (inner.length > 0) fail(`block ${b}`, 'a block of a segmented kernel has no inner axes');
      const check = (at: Access, what: string) => {
        const { base, stride } = at.index;
        if (base !== 0 || (stride[0] !== 0 && stride[0] !== 1)) {
          fail(what, `base ${base} and stride ${stride[0]}; a segmented kernel has base 0 and stride 0 or 1`);
        }
        if (at.bounds || at.by) fail(what, 'a segmented kernel has neither bounds nor indirection');
      };
      code.forEach((inst, i) => {
        if (inst.op === 'load') check(inst.at, instructionName(`block ${b}`, i, inst));
      });
      stores.forEach((store, s) => check(store.at, `block ${b}, store ${s}`));
    });
  }

  #axes(name: string, axes: Ids): void {
    axes.forEach((axis, i) => {
      if (!(axis in this.#kernel.axes)) fail(name, `there is no axis ${axis}`);
      if (axes.indexOf(axis) !== i) fail(name, `axis ${axis} occurs twice`);
    });
  }

  #code(code: readonly Inst[], place: Place): void {
    code.forEach((inst, i) => this.#instruction(inst, code.slice(0, i), place, instructionName(place.name, i, inst)));
  }

  #instruction(inst: Inst, earlier: readonly Inst[], place: Place, where: string): void {
    switch (inst.op) {
      case 'const': {
        const [least, greatest] = range(inst.dtype);
        const fits = Number.isInteger(inst.arg) && inst.arg >= least && inst.arg <= greatest;
        if (!isFloat(inst.dtype) && !fits) fail(where, `${inst.arg} is not a value of ${inst.dtype}`);
        return;
      }
      case 'scalar': {
        const { scalars } = this.#kernel;
        if (!(inst.arg in scalars)) fail(where, `there is no scalar ${inst.arg}`);
        return this.#same(inst.dtype, scalars[inst.arg], `scalar ${inst.arg}`, where);
      }
      case 'index':
        this.#same(inst.dtype, 'int32', 'an index', where);
        return this.#affine(inst.at, place, where);
      case 'load':
        this.#access(inst.at, earlier, place, where);
        this.#same(inst.dtype, this.#kernel.buffers[inst.at.buffer].dtype, `buffer ${inst.at.buffer}`, where);
        this.#uses[inst.at.buffer].push({ how: 'load', where, place, at: inst.at });
        return;
      case 'prior': {
        const dtype = place.priors[inst.block]?.[inst.reduce];
        if (!dtype) return fail(where, `there is no reduction ${inst.reduce} of an earlier block ${inst.block}`);
        return this.#same(inst.dtype, dtype, 'that reduction', where);
      }
      case 'acc':
        if (!place.acc) return fail(where, 'there is a sum in the epilogue of a contraction only');
        return this.#same(inst.dtype, place.acc, 'the contraction', where);
      case 'cast':
      case 'bitcast': {
        const [from] = this.#operands(inst.in, 1, earlier, where);
        if (inst.op === 'cast' || from === inst.dtype) return;
        if (deviceBytes(from) !== deviceBytes(inst.dtype)) fail(where, `${from} and ${inst.dtype} differ in size`);
        if (inst.dtype === 'bool') fail(where, `the bits of ${from} need not be 0 or 1`);
        return;
      }
      default: {
        const type = opTypes[inst.op];
        if (!type) return fail(where, 'there is no such operation');
        const given = this.#operands(inst.in, type.arity, earlier, where);
        const [first, ...rest] = inst.op === 'where' ? given.slice(1) : given;
        if (inst.op === 'where' && given[0] !== 'bool') fail(where, `its condition is ${given[0]}, not bool`);
        if (rest.some((dtype) => dtype !== first)) fail(where, `its operands are ${given.join(', ')}, not alike`);
        if (!isOfClass(first, type.takes)) fail(where, `it does not take ${first}, only ${type.takes}`);
        const result = comparisons.has(inst.op) ? 'bool' : first;
        if (inst.dtype !== result) fail(where, `it gives ${result}, not ${inst.dtype}`);
      }
    }
  }

  #operands(ids: Ids, arity: number, earlier: readonly Inst[], where: string): DType[] {
    if (ids.length !== arity) fail(where, `it takes ${arity} operands, not ${ids.length}`);
    return ids.map((id) => this.#value(id, earlier, where));
  }

  #value(id: number, earlier: readonly Inst[], where: string): DType {
    if (!(id in earlier)) fail(where, `instruction ${id} is not among the ${earlier.length} before it`);
    return earlier[id].dtype;
  }

  #same(given: DType, wanted: DType, of: string, where: string): void {
    if (given !== wanted) fail(where, `its dtype is ${given}, but ${of} is ${wanted}`);
  }

  #affine({ base, stride }: Affine, place: Place, where: string): void {
    const { axes } = this.#kernel;
    if (stride.length !== axes.length) fail(where, `${stride.length} strides for ${axes.length} axes`);
    if (![base, ...stride].every(Number.isInteger))
      fail(where, `base ${base} and strides [${stride}] are not integers`);
    stride.forEach((step, axis) => {
      if (step !== 0 && !place.axes.includes(axis)) fail(where, `axis ${axis} is not in scope in ${place.name}`);
    });
  }

  #access(access: Access, earlier: readonly Inst[], place: Place, where: string): void {
    const { buffers } = this.#kernel;
    if (!(access.buffer in buffers)) fail(where, `there is no buffer ${access.buffer}`);
    this.#affine(access.index, place, where);
    for (const { at, lo, hi } of access.bounds ?? []) {
      this.#affine(at, place, where);
      if (![lo, hi].every(Number.isInteger)) fail(where, `bounds [${lo}, ${hi}) are not integers`);
    }
    for (const { value, stride, limit, fault } of access.by ?? []) {
      this.#same(this.#value(value, earlier, where), 'int32', 'an indirection', where);
      if (!Number.isInteger(stride)) fail(where, `the stride ${stride} of an indirection`);
      if (!Number.isInteger(limit) || limit < 1) fail(where, `an indirection cannot be clamped into [0, ${limit})`);
      if (!(fault in buffers)) fail(where, `there is no fault cell, buffer ${fault}`);
      this.#same(buffers[fault].dtype, 'int32', 'a fault cell', where);
      this.#uses[fault].push({ how: 'fault', where, place, at: undefined });
    }
  }

  #reduce({ op, value }: Reduce, code: readonly Inst[], where: string): DType {
    const dtype = this.#value(value, code, where);
    if ((op === 'sum' || op === 'prod') && dtype === 'bool') fail(where, `bool has no ${op}`);
    return op === 'argmax' || op === 'argmin' ? 'int32' : dtype;
  }

  #stores(stores: readonly Store[], code: readonly Inst[], place: Place): void {
    stores.forEach(({ at, value, mode }, s) => {
      const where = `${place.name}, store ${s}`;
      this.#access(at, code, place, where);
      if (at.bounds) fail(where, 'only loads have bounds');
      const { dtype } = this.#kernel.buffers[at.buffer];
      this.#same(this.#value(value, code, where), dtype, `buffer ${at.buffer}`, where);
      if (mode === 'add' && dtype === 'bool') fail(where, 'bool has no sum');
      this.#uses[at.buffer].push({ how: mode, where, place, at });
    });
  }

  /** What `BufferUse` says: whatever is written may be seen by nothing else that runs in any order. */
  #bufferUses(uses: readonly Use[], buffer: number): void {
    const { use } = this.#kernel.buffers[buffer];
    const allowed = { read: ['load'], write: ['set'], readwrite: ['load', 'set', 'add', 'fault'] }[use];
    for (const { how, where } of uses) {
      if (!allowed.includes(how)) fail(where, `buffer ${buffer} is '${use}', so it allows no ${how}`);
    }
    const alone = uses.find(({ how }) => how === 'add' || how === 'fault');
    const other = alone && uses.find(({ how }) => how !== alone.how);
    if (other) fail(other.where, `a ${other.how} of buffer ${buffer}, which is for '${alone.how}' in ${alone.where}`);
    if (!uses.some(({ how }) => how === 'load') || !uses.some(({ how }) => how === 'set')) return;
    const stores = uses.filter(({ how }) => how === 'set');
    const [first] = stores;
    for (const use of uses) {
      const here = (use.how === 'set' ? [first] : stores).filter(({ place }) => place === use.place);
      const allowed =
        here.length > 0
          ? here.every(({ at }) => sameFunction(at, use.at))
          : stores.some((store) => this.#isPassedOn(store, use.place, use.at));
      if (!allowed)
        fail(use.where, `buffer ${buffer} is updated in place, but accessed otherwise in ${(here[0] ?? first).where}`);
    }
  }

  /** Whether a load, or a store over it, comes in a later block, along the same rows. */
  #isPassedOn(store: Use, place: Place, at: Access | undefined): boolean {
    const { body } = this.#kernel;
    if (body.kind !== 'loops' || at === undefined || store.at === undefined) return false;
    if (store.place.block === undefined || place.block === undefined || place.block <= store.place.block) return false;
    return body.outer.every((k) => at.index.stride[k] === store.at!.index.stride[k]);
  }
}

function sameFunction(a: Access | undefined, b: Access | undefined): boolean {
  return (
    JSON.stringify([a?.index.base, a?.index.stride, a?.by]) === JSON.stringify([b?.index.base, b?.index.stride, b?.by])
  );
}

function instructionName(place: string, position: number, inst: Inst): string {
  return `${place}, instruction ${position} (${inst.op})`;
}
