import type { DType } from '@kindling/core';
import { rounding, type ScalarOp } from '@kindling/compiler';
import type { Shader } from './shader.js';

/**
 * A literal. Infinities and NaN cannot be written in WGSL, and zeros are not safe from compilers that know too much of
 * them: they come with the launch.
 */
export function literal(shader: Shader, value: number, dtype: DType): string {
  switch (dtype) {
    case 'float32':
    case 'float16': {
      const x = dtype === 'float16' ? rounding(dtype)(value) : Math.fround(value);
      if (Number.isNaN(x)) return shader.call('nan');
      if (x === Infinity) return shader.call('infinity');
      if (x === -Infinity) return `-${shader.call('infinity')}`;
      if (x === 0) return `${Object.is(x, -0) ? '-' : ''}${shader.call('zero')}`;
      const text = String(x);
      if (Math.abs(x) < 2 ** -126) return `bitcast<f32>(${new Uint32Array(Float32Array.of(x).buffer)[0]}u)`;
      return `${text.includes('.') || text.includes('e') ? text : `${text}.0`}f`;
    }
    case 'int32':
      return value === -2147483648 ? 'i32(-2147483648)' : `${value}i`;
    case 'uint32':
      return `${value}u`;
    default:
      return value !== 0 ? 'true' : 'false';
  }
}

/** What may be known of an operand: literals and integers are no NaN. */
export interface Operand {
  readonly text: string;
  readonly mayBeNaN: boolean;
  /** The value of a literal. */
  readonly literal?: number | undefined;
}

/** Where the reciprocal of a number is neither subnormal nor infinite: implementations may divide by multiplying with it. */
const hasReciprocal = (x: number | undefined): boolean =>
  x !== undefined && Math.abs(x) >= 2 ** -126 && Math.abs(x) <= 2 ** 126;

/** The expression of a scalar operation; `dtype` is that of the operands that are alike. */
export function scalarExpression(shader: Shader, op: ScalarOp, dtype: DType, operands: readonly Operand[]): string {
  const [a, b, c] = operands.map(({ text }) => text);
  if (op === 'where') return `select(${c}, ${b}, ${a})`;
  if (op === 'random') return shader.call('threefry', a, b, c);
  if (dtype === 'bool') return boolean(op, a, b);
  return dtype === 'float32' ? float(shader, op, operands) : integer(shader, op, dtype === 'int32', a, b);
}

function boolean(op: ScalarOp, a: string, b: string): string {
  const forms: Partial<Record<ScalarOp, string>> = {
    not: `!${a}`,
    and: `${a} & ${b}`,
    or: `${a} | ${b}`,
    xor: `${a} != ${b}`,
    max: `${a} | ${b}`,
    min: `${a} & ${b}`,
    lt: `!${a} & ${b}`,
    le: `!${a} | ${b}`,
    eq: `${a} == ${b}`,
    ne: `${a} != ${b}`,
  };
  return forms[op] ?? unknown(op, 'bool');
}

const floatFunctions: Partial<Record<ScalarOp, string>> = {
  exp: 'exponential',
  log: 'logarithm',
  sin: 'sine',
  cos: 'cosine',
  tanh: 'hyperbolic_tangent',
  erf: 'error_function',
  pow: 'power',
  mod: 'remainder',
  max: 'maximum',
  min: 'minimum',
};
const symbols: Partial<Record<ScalarOp, string>> = {
  add: '+',
  sub: '-',
  mul: '*',
  lt: '<',
  le: '<=',
  eq: '==',
  ne: '!=',
  and: '&',
  or: '|',
  xor: '^',
};

function float(shader: Shader, op: ScalarOp, operands: readonly Operand[]): string {
  const [a, b] = operands.map(({ text }) => text);
  const name = floatFunctions[op];
  if (name !== undefined) return shader.call(name, ...operands.map(({ text }) => text));
  const nans = operands.filter(({ mayBeNaN }) => mayBeNaN).map(({ text }) => shader.call('is_nan', text));
  switch (op) {
    case 'neg':
      return `-${a}`;
    case 'sign':
      return `select(select(0.0f, -1.0f, ${a} < 0.0f), 1.0f, ${a} > 0.0f) * select(1.0f, 0.0f, ${shader.call('is_nan', a)})`;
    case 'sqrt':
      return `select(sqrt(${a}), ${shader.call('nan')}, ${a} < 0.0f)`;
    case 'abs':
    case 'floor':
    case 'ceil':
    case 'round':
    case 'trunc':
      return `${op}(${a})`;
    case 'lt':
    case 'le':
    case 'eq':
      // an implementation may take a NaN for any number here
      return [`(${a} ${symbols[op]} ${b})`, ...nans.map((nan) => `!${nan}`)].join(' && ');
    case 'ne':
      return [`(${a} != ${b})`, ...nans].join(' || ');
    case 'add':
    case 'sub':
    case 'mul':
      return `${a} ${symbols[op]} ${b}`;
    case 'div':
      return hasReciprocal(operands[1].literal) ? `${a} / ${b}` : shader.call('quotient', a, b);
    default:
      return unknown(op, 'float32');
  }
}

function integer(shader: Shader, op: ScalarOp, signed: boolean, a: string, b: string): string {
  const zero = signed ? '0i' : '0u';
  switch (op) {
    case 'neg':
      return signed ? `-${a}` : `0u - ${a}`;
    case 'abs':
      return signed ? `abs(${a})` : a;
    case 'sign':
      return signed ? `sign(${a})` : `min(${a}, 1u)`;
    case 'not':
      return `~${a}`;
    case 'max':
    case 'min':
      return `${op}(${a}, ${b})`;
    case 'div':
      return `select(${a} / ${b}, ${zero}, ${b} == ${zero})`;
    case 'mod':
      return signed ? shader.call('remainder_i32', a, b) : `select(${a} % ${b}, 0u, ${b} == 0u)`;
    case 'pow':
      return shader.call(signed ? 'power_i32' : 'power_u32', a, b);
    case 'shl':
      return `${a} << (u32(${b}) & 31u)`;
    case 'shr':
      return `${a} >> (u32(${b}) & 31u)`;
    default: {
      const symbol = symbols[op];
      return symbol === undefined ? unknown(op, signed ? 'int32' : 'uint32') : `${a} ${symbol} ${b}`;
    }
  }
}

function unknown(op: string, dtype: string): never {
  throw new Error(`webgpu: there is no '${op}' of ${dtype}`);
}

export function castExpression(shader: Shader, a: string, from: DType, to: DType): string {
  if (from === to) return a;
  if (to === 'bool')
    return from === 'float32' ? `!${shader.call('is_zero', a)}` : `${a} != ${from === 'int32' ? '0i' : '0u'}`;
  if (from === 'bool') return { float32: `select(${shader.call('zero')}, 1.0f, ${a})`, int32: `select(0i, 1i, ${a})`, uint32: `select(0u, 1u, ${a})` }[to as string] ?? unknown('cast', to); // prettier-ignore
  if (from === 'float32') return shader.call(to === 'int32' ? 'to_i32' : 'to_u32', a);
  return to === 'float32' ? `f32(${a})` : `bitcast<${to === 'int32' ? 'i32' : 'u32'}>(${a})`;
}

export function bitcastExpression(a: string, from: DType, to: DType): string {
  if (from === to) return a;
  const type = { float32: 'f32', int32: 'i32', uint32: 'u32' }[to as string] ?? unknown('bitcast', to);
  return `bitcast<${type}>(${from === 'bool' ? `select(0u, 1u, ${a})` : a})`;
}
