import type { DType } from '@kindling/core';
import { type Access, type Affine, casting, type Ids, type Inst, type Store } from '@kindling/compiler';
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
        return define(prior(inst.block, inst.reduce));
      case 'acc':
        return define(acc!);
      case 'cast': {
        const [a] = inst.in;
        const source = this.code[a];
        const from = source.dtype;
        this.#numbers[i] = from !== 'float32';
        if (source.op === 'const') return define(literal(shader, casting(from, inst.dtype)(source.arg), inst.dtype));
        return define(castExpression(shader, this.#names[a], from, inst.dtype));
      }
      case 'bitcast': {
        const [a] = inst.in;
        return define(bitcastExpression(this.#names[a], this.code[a].dtype, inst.dtype));
      }
      default: {
        const operands = inst.in.map((k, n): Operand => ({
          text: this.#operand(inst, n),
          mayBeNaN: !this.#numbers[k],
        }));
        const dtype = this.code[inst.in[inst.op === 'where' ? 1 : 0]].dtype;
        return define(scalarExpression(shader, inst.op, dtype, operands));
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
    if (dtype !== 'float32' || (op !== 'add' && op !== 'sub' && op !== 'div')) return name;
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
    const { axis, guard } = this.scope;
    const bounds = (at.bounds ?? []).flatMap(({ at, lo, hi }) => {
      const position = affineExpression(at, axis);
      return [`((${position}) >= ${lo}i)`, `((${position}) < ${hi}i)`];
    });
    const inside = bounds.length > 0 ? `${name}_in` : undefined;
    // `&&` is a branch for each, which took SwiftShader minutes to compile in a tile
    if (inside !== undefined) this.lines.push(`let ${inside} = ${bounds.join(' & ')};`);
    const condition = [guard, inside].filter((c) => c !== undefined).join(' && ') || undefined;
    const index = this.#address(at, name, condition);
    // outside of the bounds the index may be anything: WebGPU keeps such a read within the buffer, but refuses a constant
    const element = `b${at.buffer}[${/^-\d+i$/.test(index) ? '0i' : index}]`;
    const zero = { float32: '0.0f', int32: '0i' }[dtype as string] ?? '0u';
    const read = inside === undefined ? element : `select(${zero}, ${element}, ${inside})`;
    this.lines.push(`let ${name} = ${dtype === 'bool' ? `${read} != 0u` : read};`);
  }

  store({ at, value, mode }: Store, position: number): void {
    const { guard, shader, prefix } = this.scope;
    const { dtype } = shader.kernel.buffers[at.buffer];
    const index = this.#address(at, `${prefix}s${position}`, guard);
    const text = this.#names[value];
    const statement = mode === 'add' ? this.#scatter(at.buffer, dtype, index, text) : `b${at.buffer}[${index}] = ${dtype === 'bool' ? `select(0u, 1u, ${text})` : text};`; // prettier-ignore
    this.lines.push(guard === undefined ? statement : `if (${guard}) { ${statement} }`);
  }

  #scatter(buffer: number, dtype: DType, index: string, value: string): string {
    if (dtype !== 'float32') return `atomicAdd(&b${buffer}[${index}], ${value});`;
    const name = `add_to_b${buffer}`;
    this.scope.shader.define(
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
    return `${name}(${index}, ${value});`;
  }
}
