import { isFloat, type DType } from '@kindling/core';
import { type Reduce, wide } from '@kindling/compiler';
import { literal, scalarExpression } from './scalarOps.js';
import { type Shader, wgslType } from './shader.js';

const least: Partial<Record<DType, number>> = { float32: -Infinity, int32: -2147483648, uint32: 0, bool: 0 };
const greatest: Partial<Record<DType, number>> = { float32: Infinity, int32: 2147483647, uint32: 4294967295, bool: 1 };
/** Marks that argmax or argmin has seen no element yet. */
const NOWHERE = '-1i';

/** One reduction of a block: its variables, and how two parts of it become one. */
export class Reduction {
  readonly isArg: boolean;
  readonly type: string;
  /** What it is computed in. */
  readonly dtype: DType;

  constructor(
    readonly shader: Shader,
    readonly reduce: Reduce,
    /** Of the values reduced. */
    dtype: DType,
    /** Names of variables begin with it. */
    readonly name: string,
  ) {
    this.isArg = reduce.op === 'argmax' || reduce.op === 'argmin';
    this.dtype = wide(dtype);
    this.type = wgslType(dtype);
  }

  /** Whether long sums must be made of shorter ones. */
  get isRounded(): boolean {
    return isFloat(this.dtype) && (this.reduce.op === 'sum' || this.reduce.op === 'prod');
  }

  get resultType(): string {
    return this.isArg ? 'i32' : this.type;
  }

  #identity(): string {
    const { op } = this.reduce;
    const value = op === 'sum' ? 0 : op === 'prod' ? 1 : op === 'max' || op === 'argmax' ? least[this.dtype]! : greatest[this.dtype]!; // prettier-ignore
    return literal(this.shader, value, this.dtype);
  }

  declare(name = this.name): string[] {
    const lines = [`var ${name}: ${this.type} = ${this.#identity()};`];
    if (this.isArg) lines.push(`var ${name}_at: i32 = ${NOWHERE};`);
    return lines;
  }

  #combined(a: string, b: string): string {
    const op = { sum: 'add', prod: 'mul', max: 'max', min: 'min' }[this.reduce.op as 'sum'] as 'add';
    return scalarExpression(this.shader, op, this.dtype, [a, b].map((text) => ({ text, mayBeNaN: true }))); // prettier-ignore
  }

  /** Takes in a value; of argmax and argmin with its position. */
  add(value: string, position: string, into = this.name): string {
    if (!this.isArg) return `${into} = ${this.#combined(into, value)};`;
    return `if (${this.#precedes(value, position, into)}) { ${into} = ${value}; ${into}_at = ${position}; }`;
  }

  /** The result of reducing everything, where `name` is the finished accumulator. */
  result(name = this.name): string {
    // an empty reduction has no position
    return this.isArg ? `max(${name}_at, 0i)` : name;
  }

  /** Whether an element is a better find than what was found: a NaN is best, and among equals the first. */
  #precedes(value: string, position: string, found: string): string {
    const { shader, dtype } = this;
    const earlier = `${position} < ${found}_at`;
    const sign = this.reduce.op === 'argmax' ? [value, found] : [found, value];
    if (dtype !== 'float32') {
      const less = scalarExpression(shader, 'lt', dtype, [
        { text: sign[1], mayBeNaN: false },
        { text: sign[0], mayBeNaN: false },
      ]);
      return `${found}_at < 0i || (${less}) || (${value} == ${found} && ${earlier})`;
    }
    const nan = shader.call('is_nan', value);
    const foundNan = shader.call('is_nan', found);
    return (
      `${found}_at < 0i || (${nan} && (!${foundNan} || ${earlier})) || ` +
      `(!${nan} && !${foundNan} && (${sign[1]} < ${sign[0]} || (${value} == ${found} && ${earlier})))`
    );
  }

  /** Takes in what another invocation has found so far. */
  merge(value: string, position: string): string {
    const { name } = this;
    if (!this.isArg) return `${name} = ${this.#combined(name, value)};`;
    return `if (${position} >= 0i && (${this.#precedes(value, position, name)})) { ${name} = ${value}; ${name}_at = ${position}; }`;
  }

  /** Arrays of the workgroup that the tree uses; reductions of one type at the same place share them. */
  arrays(slot: number, size: number): { readonly values: string; readonly positions: string } {
    const type = this.type;
    const values = this.shader.shared(`tree${slot}_${type}`, `array<${type}, ${size}>`);
    const positions = this.isArg ? this.shader.shared(`tree${slot}_at`, `array<i32, ${size}>`) : '';
    return { values, positions };
  }

  /** Combines the elements `at` and `at + distance` of the arrays into the first. */
  mergeShared({ values, positions }: { values: string; positions: string }, at: string, other: string): string {
    if (!this.isArg) return `${values}[${at}] = ${this.#combined(`${values}[${at}]`, `${values}[${other}]`)};`;
    const [a, b] = [`${this.name}_a`, `${this.name}_b`];
    return [
      `let ${a} = ${values}[${at}];`,
      `let ${a}_at = ${positions}[${at}];`,
      `let ${b} = ${values}[${other}];`,
      `let ${b}_at = ${positions}[${other}];`,
      `if (${b}_at >= 0i && (${this.#precedes(b, `${b}_at`, a)})) { ${values}[${at}] = ${b}; ${positions}[${at}] = ${b}_at; }`,
    ].join(' ');
  }
}
