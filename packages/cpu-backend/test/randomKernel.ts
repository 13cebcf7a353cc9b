import type { Access, Affine, Block, BufferUse, Inst, Kernel, Reduce, ScalarOp, Store } from '@kindling/compiler';
import type { DType } from '@kindling/core';
import { expect } from 'vitest';
import { type Cells, cells, runByInterpreter } from './harness.js';

/** A small generator of numbers from a seed. */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface Case {
  readonly kernel: Kernel;
  readonly buffers: Cells[];
  readonly scalars: number[];
  /** The fault cell, or −1. */
  readonly fault: number;
}

/** Fails where a device has not computed what the interpreter computes; `note` is told then. */
export function expectInterpreted(
  { kernel, buffers, scalars, fault }: Case,
  got: readonly Cells[],
  note: () => string = () => '',
): void {
  const wanted = runByInterpreter(kernel, buffers, scalars);
  got.forEach((array, b) => {
    // whether an operand is looked at for an empty result is left open
    if (b === fault && kernel.body.kind === 'contract' && kernel.axes.includes(0)) return;
    array.forEach((value, i) => {
      if (b === fault && i > 0) return; // which of several is told is left open
      const want = wanted[b][i];
      if (value !== want && !(value !== value && want !== want))
        expect.fail(`buffer ${b} [${i}] is ${value}, not ${want}\n${JSON.stringify(kernel)}\n${note()}`);
    });
  });
}

const anyFloat: ScalarOp[] = ['add', 'sub', 'mul', 'div', 'max', 'min', 'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'sqrt', 'mod', 'pow']; // prettier-ignore
const anyInteger: ScalarOp[] = ['add', 'sub', 'mul', 'div', 'max', 'min', 'mod', 'and', 'or', 'xor', 'not', 'shl', 'shr', 'pow', 'neg', 'abs', 'sign']; // prettier-ignore
const unary = new Set<string>(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'sqrt', 'not']);

/**
 * Kernels whose results do not depend on the order of additions: numbers are small integers or special values. So a
 * device must agree with the interpreter exactly.
 */
class KernelMaker {
  readonly axes: number[] = [];
  readonly buffers: BufferUse[] = [];
  readonly content: ReturnType<typeof cells>[] = [];
  readonly scalars: DType[] = [];
  readonly numbers: number[] = [];
  private fault = -1;

  constructor(
    readonly pick: (below: number) => number,
    private readonly dtypes: readonly DType[],
  ) {}

  one<T>(list: readonly T[]): T {
    return list[this.pick(list.length)];
  }

  value(dtype: DType): number {
    if (dtype === 'bool') return this.pick(2);
    if (this.pick(12) === 0) {
      if (dtype === 'int32') return this.one([2147483647, -2147483648, 0]);
      if (dtype === 'uint32') return this.one([4294967295, 2147483648, 0]);
      return this.one([NaN, Infinity, -Infinity, 0.5, -2.5, -0]);
    }
    return dtype === 'uint32' ? this.pick(8) : this.pick(9) - 4;
  }

  axis(size: number): number {
    return this.axes.push(size) - 1;
  }

  buffer(dtype: DType, length: number, use: BufferUse['use']): number {
    const content = Array.from({ length }, () => (use === 'write' ? 0 : this.value(dtype)));
    this.content.push(cells(dtype, content));
    return this.buffers.push({ dtype, use }) - 1;
  }

  strides(of: (axis: number) => number): number[] {
    return this.axes.map((_, axis) => of(axis));
  }

  /** Row-major over some of the axes in some order, each perhaps backwards. */
  view(axes: readonly number[], flips: boolean): { index: Affine; length: number } {
    let length = 1;
    let base = 0;
    const stride = this.strides(() => 0);
    for (const axis of [...axes].reverse()) {
      const size = Math.max(1, this.axes[axis]);
      const back = flips && this.pick(6) === 0;
      stride[axis] = back ? -length : length;
      if (back) base += length * (size - 1);
      length *= size;
    }
    return { index: { base, stride }, length };
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    const out: T[] = [];
    while (rest.length > 0) out.push(...rest.splice(this.pick(3) > 0 ? 0 : this.pick(rest.length), 1));
    return out;
  }

  /** A load from a buffer of its own. */
  load(axes: readonly number[], code: readonly Inst[], dtype: DType): Inst {
    const seen = this.shuffled(axes.filter(() => this.pick(4) > 0));
    const { index, length } = this.view(seen, true);
    let access: Access = { buffer: -1, index };
    let extra = 0;
    const [first] = seen;
    if (first !== undefined && this.pick(4) === 0) {
      // padding: shifted along one axis, and the outside gives 0
      const shift = this.pick(4) - 1;
      const lo = this.pick(2);
      const at = { base: shift, stride: this.strides((axis) => (axis === first ? 1 : 0)) };
      const hi = Math.max(lo, this.axes[first] - this.pick(3));
      const step = index.stride[first];
      access = {
        ...access,
        index: { ...index, base: index.base },
        bounds: [{ at, lo, hi: Math.min(hi, this.axes[first] + shift) }],
      };
      if (step < 0) access = { buffer: -1, index };
    } else if (this.pick(5) === 0) {
      const value = code.map((inst) => inst.dtype).lastIndexOf('int32');
      if (value >= 0) {
        const limit = 1 + this.pick(4);
        if (this.fault < 0) {
          this.fault = this.buffer('int32', 3, 'readwrite');
          this.content[this.fault].fill(0);
        }
        access = { ...access, by: [{ value, stride: length, limit, fault: this.fault }] };
        extra = length * (limit - 1);
      }
    }
    return { op: 'load', at: { ...access, buffer: this.buffer(dtype, length + extra, 'read') }, dtype };
  }

  code(axes: readonly number[], start: readonly Inst[], length: number): Inst[] {
    const code = [...start];
    const of = (dtype: DType) => {
      const found = code.flatMap((inst, i) => (inst.dtype === dtype ? [i] : []));
      return found.length > 0 ? this.one(found) : code.push({ op: 'const', arg: this.value(dtype), dtype }) - 1;
    };
    while (code.length < start.length + length) {
      const dtype = this.one(this.dtypes);
      const kind = this.pick(10);
      if (kind < 3) code.push(this.load(axes, code, dtype));
      else if (kind === 3) code.push({ op: 'const', arg: this.value(dtype), dtype });
      else if (kind === 4) {
        const number = this.scalars.push(dtype) - 1;
        this.numbers.push(this.value(dtype));
        code.push({ op: 'scalar', arg: number, dtype });
      } else if (kind === 5) {
        const at = {
          base: this.pick(5) - 2,
          stride: this.strides((axis) => (axes.includes(axis) ? this.pick(4) - 1 : 0)),
        };
        code.push({ op: 'index', at, dtype: 'int32' });
      } else if (kind === 6) {
        const from = of(dtype);
        code.push({ op: 'cast', in: [from], dtype: this.one(this.dtypes) });
      } else if (kind === 7) {
        const [a, b] = [of(dtype), of(dtype)];
        code.push({ op: this.one(['lt', 'le', 'eq', 'ne']), in: [a, b], dtype: 'bool' });
      } else if (kind === 8) {
        const operands = [of('bool'), of(dtype), of(dtype)];
        code.push({ op: 'where', in: operands, dtype });
      } else {
        const float = dtype === 'float32' || dtype === 'float64';
        let op = this.one(
          float ? anyFloat : dtype === 'bool' ? (['and', 'or', 'xor', 'not', 'max', 'min'] as const) : anyInteger,
        );
        if (dtype === 'uint32' && op === 'neg') op = 'not';
        const a = of(dtype);
        let b = unary.has(op) ? -1 : of(dtype);
        if (op === 'shl' || op === 'shr') {
          const limit = code.push({ op: 'const', arg: 31, dtype }) - 1;
          b = code.push({ op: 'and', in: [b, limit], dtype }) - 1;
        }
        code.push({ op, in: b < 0 ? [a] : [a, b], dtype });
        // large numbers would make sums inexact
        if (float) {
          const value = code.length - 1;
          const [low, high] = [-64, 64].map((arg) => code.push({ op: 'const', arg, dtype }) - 1);
          const above = code.push({ op: 'max', in: [value, low], dtype }) - 1;
          const below = code.push({ op: 'min', in: [above, high], dtype }) - 1;
          code.push({ op: 'round', in: [below], dtype });
        }
      }
    }
    return code;
  }

  /** An instruction whose values can be summed exactly, in any order. */
  exact(code: readonly Inst[]): number {
    const exact: boolean[] = [];
    code.forEach((inst, i) => {
      const rough = ['div', 'pow', 'sqrt', 'mod'].includes(inst.op) && inst.dtype.startsWith('float');
      exact[i] = inst.op === 'round' || (!rough && (!('in' in inst) || inst.in.every((id) => exact[id])));
    });
    return this.one(exact.flatMap((is, i) => (is ? [i] : [])));
  }

  stores(axes: readonly number[], code: readonly Inst[], count: number): Store[] {
    return Array.from({ length: count }, () => {
      const value = this.exact(code);
      const { dtype } = code[value];
      const { index, length } = this.view(this.shuffled(axes), true);
      if (this.pick(6) === 0 && dtype !== 'bool') {
        // scatter: several indices meet
        const folded = { base: index.base, stride: index.stride.map((s) => (this.pick(2) ? s : 0)) };
        return { at: { buffer: this.buffer(dtype, length, 'readwrite'), index: folded }, value, mode: 'add' as const };
      }
      return { at: { buffer: this.buffer(dtype, length, 'write'), index }, value, mode: 'set' as const };
    });
  }

  finish(body: Kernel['body']): Case {
    const width = this.axes.length;
    const full = <T>(value: T): T =>
      JSON.parse(
        JSON.stringify(value, (_, v) =>
          typeof v === 'number' && !Number.isFinite(v) ? `#${v}` : Object.is(v, -0) ? '#-0' : v,
        ),
        (key, v) => {
          if (key === 'stride' && Array.isArray(v)) return [...v, ...Array(width - v.length).fill(0)];
          return typeof v === 'string' && v.startsWith('#') ? Number(v.slice(1)) : v;
        },
      ) as T;
    const kernel: Kernel = {
      axes: this.axes,
      buffers: this.buffers,
      scalars: this.scalars,
      body: full(body),
      segmented: false,
    };
    return { kernel, buffers: this.content, scalars: this.numbers, fault: this.fault };
  }
}

export function randomLoops(seed: number): Case {
  const pick = random(seed);
  const dtypes: DType[] =
    pick(3) === 0 ? ['float64', 'float32', 'int32', 'uint32', 'bool'] : ['float32', 'int32', 'bool', 'uint32'];
  const make = new KernelMaker(pick, dtypes);
  const size = () => (pick(25) === 0 ? 0 : 1 + pick(pick(3) === 0 ? 40 : 6));
  const outer = Array.from({ length: pick(4) }, () => make.axis(size()));
  const shared = Array.from({ length: pick(3) }, () => make.axis(size()));
  const blocks: Block[] = [];
  const results: DType[][] = [];
  for (let b = 0, count = 1 + pick(3); b < count; b++) {
    const inner = pick(4) === 0 ? [] : shared;
    const priors = results.flatMap((list, block) =>
      list.map((dtype, reduce): Inst => ({ op: 'prior', block, reduce, dtype })),
    );
    let code = make.code([...outer, ...inner], priors, 1 + pick(6));
    const reduces: Reduce[] = [];
    results.push([]);
    for (let r = pick(3); r > 0; r--) {
      let value = make.exact(code);
      const { dtype } = code[value];
      let op = make.one(['sum', 'prod', 'max', 'min', 'argmax', 'argmin'] as const);
      if (dtype === 'bool' && (op === 'sum' || op === 'prod')) op = 'max';
      if (op === 'prod') {
        if (dtype === 'uint32') op = 'max';
        else {
          code = [...code, { op: 'sign', in: [value], dtype }];
          value = code.length - 1;
        }
      }
      reduces.push({ op, value });
      results[b].push(op.startsWith('arg') ? 'int32' : dtype);
    }
    const stores = make.stores([...outer, ...inner], code, reduces.length > 0 && b < count - 1 ? pick(2) : 1 + pick(2));
    blocks.push({ inner, code, reduces, stores });
  }
  return make.finish({ kind: 'loops', outer, blocks });
}

export function randomContract(seed: number): Case {
  const pick = random(seed);
  const dtype = (['float32', 'float32', 'float32', 'float64', 'int32'] as const)[pick(5)];
  const make = new KernelMaker(pick, [dtype, dtype, dtype, 'int32', 'bool']);
  let room = 20_000;
  const size = () => {
    const wanted = pick(40) === 0 ? 0 : 1 + pick(pick(3) === 0 ? 70 : 7);
    const given = Math.min(wanted, room);
    room = Math.floor(room / Math.max(1, given));
    return given;
  };
  const list = (most: number) => Array.from({ length: pick(most + 1) }, () => make.axis(size()));
  const batch = pick(2) ? list(2) : [];
  const [m, n, k] = [list(2), list(2), list(2)];
  const operand = (axes: number[]) => {
    const simple = pick(2) === 0;
    const code = simple ? [make.load(axes, [], dtype)] : make.code(axes, [], 1 + pick(4));
    while (code[code.length - 1].dtype !== dtype) code.push({ op: 'cast', in: [code.length - 1], dtype });
    // keeps sums exact
    if (dtype === 'float32' && !simple) {
      const value = code.length - 1;
      const [low, high] = [-8, 8].map((arg) => code.push({ op: 'const', arg, dtype }) - 1);
      const above = code.push({ op: 'max', in: [value, low], dtype }) - 1;
      const below = code.push({ op: 'min', in: [above, high], dtype }) - 1;
      code.push({ op: 'round', in: [below], dtype });
    }
    return { code, out: code.length - 1 };
  };
  const a = operand([...batch, ...m, ...k]);
  const b = operand([...batch, ...k, ...n]);
  const all = [...batch, ...m, ...n];
  const code = make.code(all, [{ op: 'acc', dtype }], pick(3) * pick(3));
  const stores = make.stores(all, code, 1);
  const sum = make.view(all, false);
  stores.push({
    at: { buffer: make.buffer(dtype, sum.length, 'write'), index: sum.index },
    value: 0,
    mode: 'set',
  });
  return make.finish({ kind: 'contract', batch, m, n, k, a, b, dtype, epilogue: { code, stores } });
}
