import { isFloat } from '@kindling/core';
import {
  type Access,
  type Affine,
  casting,
  type Ids,
  type Inst,
  type ScalarOp,
  type Store,
  wide,
} from '@kindling/compiler';
import { bitcastExpression, castExpression, literal, type Operand, scalarExpression } from './scalarOps.js';
import { type Shader, wgslType } from './shader.js';

/** What code refers to where it stands. */
export interface Scope {
  readonly shader: Shader;
  /** The i32 that holds the place on an axis. */
  readonly axis: (axis: number) => string;
  readonly prior: (block: number, reduce: number) => string;
  readonly acc?: string;
  /** Names of values begin with it. */
  readonly prefix: string;
  /** A condition under which stores happen and faults are noted; always, where it is undefined. */
  readonly guard?: string | undefined;
}

/** base + Σ stride·axis. */
export function affineExpression({ base, stride }: Affine, axis: (axis: number) => string): string {
  const terms = stride.flatMap((s, k) => {
    if (s === 0) return [];
    const name = axis(k);
    return name === '0i' ? [] : [s === 1 ? name : `${name} * ${s}i`];
  });
  if (base !== 0 || terms.length === 0) terms.unshift(`${base}i`);
  return terms.join(' + ');
}

/** Whether an access is inside of its bounds; undefined where it has none. */
export function boundsExpression({ bounds = [] }: Access, axis: (axis: number) => string): string | undefined {
  const tests = bounds.flatMap(({ at, lo, hi }) => {
    const position = affineExpression(at, axis);
    return [`((${position}) >= ${lo}i)`, `((${position}) < ${hi}i)`];
  });
  // `&&` is a branch for each, which took SwiftShader minutes to compile in a tile
  return tests.length > 0 ? tests.join(' & ') : undefined;
}

/** Renders instructions one by one, each as a value that later ones name. */
export class CodeEmitter {
  readonly lines: string[] = [];
  readonly #names: string[] = [];
  readonly #numbers: boolean[] = [];
  readonly #sums: ReadonlySet<number>[] = [];

  constructor(
    readonly code: readonly Inst[],
    readonly scope: Scope,
  ) {}

  /** The expression of an earlier value. */
  name(i: number): string {
    return this.#names[i];
  }

  /** Emits the instructions that are asked for, in order. */
  emit(which: (i: number) => boolean = () => true): this {
    this.code.forEach((inst, i) => {
      if (which(i)) this.#emit(inst, i);
    });
    return this;
  }

  take(): string[] {
    return this.lines.splice(0);
  }

  #emit(inst: Inst, i: number): void {
    const { shader, axis, prior, acc, prefix } = this.scope;
    const name = `${prefix}${i}`;
    this.#names[i] = name;
    this.#numbers[i] = false;
    const define = (expression: string): void => void this.lines.push(`let ${name} = ${expression};`);
    const rounded = (expression: string): void => define(inst.dtype === 'float16' ? shader.call('half', expression) : expression); // prettier-ignore
    switch (inst.op) {
      case 'const':
        this.#numbers[i] = !Number.isNaN(inst.arg);
        return define(literal(shader, inst.arg, inst.dtype));
      case 'scalar': {
        const bits = shader.scalarBits(inst.arg);
        return define(inst.dtype === 'bool' ? `${bits} != 0u` : `bitcast<${wgslType(inst.dtype)}>(${bits})`);
      }
      case 'index':
        this.#numbers[i] = true;
        return define(affineExpression(inst.at, axis));
      case 'load':
        return this.#load(inst, name);
      case 'prior':
        return rounded(prior(inst.block, inst.reduce));
      case 'acc':
        return rounded(acc!);
      case 'cast': {
        const [a] = inst.in;
        const source = this.code[a];
        const from = source.dtype;
        this.#numbers[i] = !isFloat(from);
        if (source.op === 'const') return define(literal(shader, casting(from, inst.dtype)(source.arg), inst.dtype));
        // float16 as a float32 is a number of both
        return (from === 'float16' ? define : rounded)(castExpression(shader, this.#names[a], wide(from), wide(inst.dtype))); // prettier-ignore
      }
      case 'bitcast': {
        const [a] = inst.in;
        return define(bitcastExpression(this.#names[a], this.code[a].dtype, inst.dtype));
      }
      default: {
        const operands = inst.in.map((k, n): Operand => ({
          text: this.#operand(inst, n),
          mayBeNaN: !this.#numbers[k],
          literal: literalOf(this.code[k]),
        }));
        const dtype = this.code[inst.in[inst.op === 'where' ? 1 : 0]].dtype;
        const expression = scalarExpression(shader, inst.op, wide(dtype), operands);
        return (exactInHalf.has(inst.op) ? define : rounded)(expression);
      }
    }
  }

  /** What a value is the sum of: instructions, and −1 for all literals. */
  #terms(i: number): ReadonlySet<number> {
    let known = this.#sums[i];
    if (known === undefined) {
      const inst = this.code[i];
      const isSum = inst.op === 'add' || inst.op === 'sub' || inst.op === 'neg';
      known = new Set(isSum ? inst.in.flatMap((k) => [...this.#terms(k)]) : [inst.op === 'const' ? -1 : i]);
      this.#sums[i] = known;
    }
    return known;
  }

  /**
   * Operand `n` of an instruction. A sum that meets something it already contains is rounded first, since what cancels
   * is meant to; and compilers must not know that x − x is 0, which of ∞ is NaN.
   */
  #operand({ op, dtype, in: operands }: Inst & { in: Ids }, n: number): string {
    const k = operands[n];
    const other = operands[1 - n];
    const name = this.#names[k];
    if (!isFloat(dtype) || (op !== 'add' && op !== 'sub' && op !== 'div')) return name;
    const cancels =
      k === other
        ? n === 1 && op !== 'add'
        : op !== 'div' && this.#terms(k).size > 1 && [...this.#terms(other)].some((term) => this.#terms(k).has(term));
    return cancels ? this.scope.shader.call('exactly', name) : name;
  }

  /** Where in its buffer an access goes; lines that clamp what it is indirect by come first. */
  #address(at: Access, name: string, condition: string | undefined): string {
    const { axis } = this.scope;
    const terms = [affineExpression(at.index, axis)];
    (at.by ?? []).forEach(({ value, stride, limit, fault }, n) => {
      const clamped = `${name}_at${n}`;
      const wanted = this.#names[value];
      this.lines.push(`let ${clamped} = clamp(${wanted}, 0i, ${limit - 1}i);`);
      const when = [`${clamped} != ${wanted}`, ...(condition ? [condition] : [])].join(' && ');
      // the first to note a fault says which
      const said = `atomicStore(&b${fault}[1], ${wanted}); atomicStore(&b${fault}[2], ${limit}i);`;
      this.lines.push(`if (${when}) { if (atomicExchange(&b${fault}[0], 1i) == 0i) { ${said} } }`);
      if (stride !== 0) terms.push(stride === 1 ? clamped : `${clamped} * ${stride}i`);
    });
    return terms.join(' + ');
  }

  #load({ at, dtype }: Inst & { op: 'load' }, name: string): void {
    const { axis, guard, shader } = this.scope;
    const bounds = boundsExpression(at, axis);
    const inside = bounds === undefined ? undefined : `${name}_in`;
    if (inside !== undefined) this.lines.push(`let ${inside} = ${bounds};`);
    const condition = [guard, inside].filter((c) => c !== undefined).join(' && ') || undefined;
    const index = this.#address(at, name, condition);
    // outside of the bounds the index may be anything: WebGPU keeps such a read within the buffer, but refuses a constant
    const stored = shader.element(at.buffer, /^-\d+i$/.test(index) ? '0i' : index);
    const element = dtype === 'float16' ? `f32(${stored})` : stored;
    const zero = isFloat(dtype) ? '0.0f' : dtype === 'int32' ? '0i' : '0u';
    const read = inside === undefined ? element : `select(${zero}, ${element}, ${inside})`;
    this.lines.push(`let ${name} = ${dtype === 'bool' ? `${read} != 0u` : read};`);
  }

  store({ at, value, mode }: Store, position: number): void {
    const { guard, prefix } = this.scope;
    const index = this.#address(at, `${prefix}s${position}`, guard);
    const statement = mode === 'add' ? this.#addTogether(at.buffer, index, value) : `b${at.buffer}[${index}] = ${this.#stored(at.buffer, value)};`; // prettier-ignore
    this.lines.push(guard === undefined ? statement : `if (${guard}) { ${statement} }`);
  }

  /** Where an access goes; what it is indirect by, clamped, is named `<name>_at0` and so on. */
  place(at: Access, name: string): string {
    return this.#address(at, name, undefined);
  }

  /** Adds to a place that no other invocation has. */
  add({ at, value }: Store, index: string): void {
    const { dtype } = this.scope.shader.kernel.buffers[at.buffer];
    const text = this.#names[value];
    if (dtype === 'float16') this.lines.push(`b${at.buffer}[${index}] = f16(f32(b${at.buffer}[${index}]) + ${text});`);
    else this.lines.push(`b${at.buffer}[${index}] += ${text};`);
  }

  /** Adds to a place that other invocations may add to at the same time: in no certain order. */
  #addTogether(buffer: number, index: string, value: number): string {
    const { shader } = this.scope;
    const { dtype } = shader.kernel.buffers[buffer];
    const text = this.#names[value];
    if (!isFloat(dtype)) return `atomicAdd(&b${buffer}[${index}], ${text});`;
    if (dtype !== 'float32') throw new Error(`webgpu: several blocks that add to ${dtype}`);
    const name = `add_to_b${buffer}`;
    shader.define(
      name,
      `fn ${name}(at: i32, value: f32) {
  var old = atomicLoad(&b${buffer}[at]);
  loop {
    let tried = atomicCompareExchangeWeak(&b${buffer}[at], old, bitcast<u32>(bitcast<f32>(old) + value));
    if (tried.exchanged) { break; }
    old = tried.old_value;
  }
}`,
    );
    return `${name}(${index}, ${text});`;
  }

  /** A value as it is in memory. */
  #stored(buffer: number, value: number): string {
    const { dtype } = this.scope.shader.kernel.buffers[buffer];
    const text = this.#names[value];
    return dtype === 'bool' ? `select(0u, 1u, ${text})` : dtype === 'float16' ? `f16(${text})` : text;
  }
}

function literalOf(inst: Inst): number | undefined {
  return inst.op === 'const' ? inst.arg : undefined;
}

/** Operations whose result is a float16 if the operands are. */
const exactInHalf: ReadonlySet<string> = new Set<ScalarOp>(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'max', 'min', 'where', 'lt', 'le', 'eq', 'ne', 'not', 'and', 'or', 'xor']); // prettier-ignore
