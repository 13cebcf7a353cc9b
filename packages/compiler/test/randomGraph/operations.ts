import {
  arange,
  concat,
  isFloat,
  logSumExp,
  maximum,
  minimum,
  oneHot,
  rand,
  relu,
  sigmoid,
  softmax,
  stack,
  type Tensor,
  unfold,
  where,
} from '@kindling/core';
import type { Choices } from './choices.js';
import { type Draft, type Known, roundoff, ulps } from './value.js';

/** An operation chosen for some values, before its shape is known. */
export interface Proposal extends Known {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** `unit` is the error of one operation on values of size 1. */
  readonly error: (errors: readonly number[], unit: number) => number;
}
/** Nothing, one operation, or several, of which later ones may use earlier ones. */
type Maker = (c: Choices) => Proposal | readonly Proposal[] | undefined;

const largest = 2 ** 20;
const floating = (v: Draft): boolean => isFloat(v.tensor.dtype);
const isBool = (v: Draft): boolean => v.tensor.dtype === 'bool';
const rank = (v: Draft): number => v.tensor.shape.length;
const greatest = (errors: readonly number[]): number => Math.max(0, ...errors);

/** An operation that moves elements: what is known stays. */
function moved(name: string, i: number, v: Draft, build: (t: Tensor) => Tensor): Proposal {
  return { name, inputs: [i], build, ...knownOf(v), error: ([e]) => e };
}
function knownOf({ bound, whole, certain }: Known): Known {
  return { bound, whole, certain };
}
const exact = (bound: number): Known => ({ bound, whole: true, certain: true });

/** The result of arithmetic: whole where the operands are and nothing is rounded. */
function arithmetic(bound: number, operands: readonly Known[], gives = true): Known {
  const whole = gives && operands.every((k) => k.whole) && bound <= largest;
  return { bound, whole, certain: whole };
}

// ── element by element ──
const unaries: Record<
  string,
  { bound: (b: number) => number; slope: (b: number) => number; f: (t: Tensor) => Tensor }
> = {
  exp: { bound: Math.exp, slope: Math.exp, f: (t) => t.exp() },
  log: { bound: (b) => Math.log(b + 1), slope: () => 1, f: (t) => t.abs().add(1).log() },
  sqrt: { bound: (b) => Math.sqrt(b + 1), slope: () => 1, f: (t) => t.abs().add(1).sqrt() },
  sin: { bound: () => 1, slope: () => 1, f: (t) => t.sin() },
  cos: { bound: () => 1, slope: () => 1, f: (t) => t.cos() },
  tanh: { bound: () => 1, slope: () => 1, f: (t) => t.tanh() },
  erf: { bound: () => 1, slope: () => 1.13, f: (t) => t.erf() },
  sigmoid: { bound: () => 1, slope: () => 1, f: sigmoid },
  reciprocal: { bound: () => 1, slope: () => 1, f: (t) => t.mul(t).add(1).pow(-1) },
  third: { bound: (b) => b / 3, slope: () => 1, f: (t) => t.div(3) },
};

const smooth: Maker = (c) => {
  const i = c.value((v) => floating(v) && v.bound <= 8);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const name = c.of(Object.keys(unaries));
  const { bound, slope, f } = unaries[name];
  // an intermediate square or sum is rounded, too
  const size = Math.max(bound(v.bound), v.bound * v.bound + 1);
  return {
    name, inputs: [i], build: f, bound: bound(v.bound), whole: false, certain: false,
    error: ([e], u) => (slope(v.bound) * (e + v.bound * u) + size * u) * 2,
  }; // prettier-ignore
};

const simple: Maker = (c) => {
  const i = c.value((v) => !isBool(v));
  if (i === undefined) return undefined;
  const v = c.values[i];
  const signed = v.tensor.dtype !== 'uint32';
  const kind = c.below(6);
  if (kind === 0 && signed) return { ...moved('neg', i, v, (t) => t.neg()) };
  if (kind === 1) return moved('abs', i, v, (t) => t.abs());
  if (kind === 2 && floating(v)) return moved('relu', i, v, relu);
  if (kind === 3 && v.certain) return { ...moved('sign', i, v, (t) => t.sign()), ...exact(1), error: () => 0 };
  if (kind === 4 && v.certain && floating(v)) {
    const name = c.of(['floor', 'ceil', 'round', 'trunc'] as const);
    return { ...moved(name, i, v, (t) => t[name]()), ...exact(Math.ceil(v.bound)), error: () => 0 };
  }
  const bound = v.bound * v.bound;
  if (bound > largest) return undefined;
  return {
    name: 'square', inputs: [i], build: (t) => t.mul(t), ...arithmetic(bound, [v]),
    error: ([e], u) => (v.whole ? 0 : 2 * v.bound * e + e * e + bound * u),
  }; // prettier-ignore
};

const withNumber: Maker = (c) => {
  const i = c.value((v) => !isBool(v) && v.tensor.dtype !== 'uint32');
  if (i === undefined) return undefined;
  const v = c.values[i];
  const number = c.of([0, 1, -1, 2, 3, -5, ...(floating(v) ? [0.5, -0.25, 1.1] : [])]);
  const name = c.of(['add', 'sub', 'mul', 'max', 'min', 'rsub'] as const);
  const product = name === 'mul';
  const choice = name === 'max' || name === 'min';
  const bound = product ? v.bound * Math.abs(number) : v.bound + Math.abs(number);
  if (bound > largest) return undefined;
  const known = arithmetic(bound, [v], Number.isInteger(number));
  return {
    name: `${name} ${number}`, inputs: [i],
    build: (t) =>
      name === 'max' ? maximum(t, number) : name === 'min' ? minimum(t, number)
      : name === 'rsub' ? t.neg().add(number) : t[name](number),
    ...known, certain: known.whole || (choice && v.certain && Number.isInteger(number)),
    error: ([e], u) => (known.whole ? 0 : (product ? Math.abs(number) : 1) * e + (choice && Number.isInteger(number) ? 0 : bound * u)),
  }; // prettier-ignore
};

/** Another value that broadcasts with this one and keeps the result small. */
function partner(c: Choices, i: number, fits: (v: Draft) => boolean): number | undefined {
  const a = c.values[i].tensor.shape;
  return c.value((v) => {
    const b = v.tensor.shape;
    let size = 1;
    for (let d = 1; d <= Math.max(a.length, b.length); d++) {
      const [x, y] = [a.at(-d) ?? 1, b.at(-d) ?? 1];
      if (x !== y && x !== 1 && y !== 1) return false;
      size *= x === 1 ? y : x;
    }
    return size <= 70_000 && fits(v);
  });
}

const binary: Maker = (c) => {
  const i = c.value();
  if (i === undefined) return undefined;
  const a = c.values[i];
  // int32 and uint32 do not mix, and negative whole numbers do not go into uint32
  const integers = (v: Draft): boolean => v.tensor.dtype === 'uint32';
  const j = partner(c, i, (v) => integers(v) === integers(a));
  if (j === undefined) return undefined;
  const b = c.values[j];
  const name = c.of(['add', 'sub', 'mul', 'max', 'min', 'ratio'] as const);
  const inputs = [i, j];
  if (name === 'max' || name === 'min')
    return {
      name, inputs, build: name === 'max' ? maximum : minimum, bound: Math.max(a.bound, b.bound),
      whole: a.whole && b.whole, certain: a.certain && b.certain && a.tensor.dtype === b.tensor.dtype,
      error: (e, u) => greatest(e) + (a.certain && b.certain ? u : 0),
    }; // prettier-ignore
  if (name === 'ratio') {
    if (!floating(a) || !floating(b)) return undefined;
    return {
      name, inputs, build: (x, y) => x.div(y.abs().add(1)), bound: a.bound, whole: false, certain: false,
      error: ([e, f], u) => e + a.bound * (f + (b.bound + 2) * u),
    }; // prettier-ignore
  }
  if (name === 'sub' && integers(a)) return undefined;
  const bound = name === 'mul' ? a.bound * b.bound : a.bound + b.bound;
  if (bound > largest) return undefined;
  const known = arithmetic(bound, [a, b]);
  return {
    name, inputs, build: (x, y) => x[name](y), ...known,
    error: ([e, f], u) =>
      known.whole ? 0 : (name === 'mul' ? e * b.bound + f * a.bound + e * f : e + f) + bound * u,
  }; // prettier-ignore
};

const integerArithmetic: Maker = (c) => {
  const i = c.value((v) => v.whole && !isBool(v));
  if (i === undefined) return undefined;
  const v = c.values[i];
  const kind = c.below(4);
  const n = 1 + c.below(7);
  if (kind === 0 || floating(v)) return { ...moved(`mod ${n}`, i, v, (t) => t.mod(n)), ...exact(n), error: () => 0 };
  if (kind === 1 && v.bound < largest / 4)
    return { ...moved('shl', i, v, (t) => t.shl(2)), ...exact(v.bound * 4), error: () => 0 };
  if (kind === 2) return { ...moved('shr', i, v, (t) => t.shr(1)), ...exact(v.bound), error: () => 0 };
  return { ...moved('and', i, v, (t) => t.and(6)), ...exact(6), error: () => 0 };
};

// ── conditions ──
const compare: Maker = (c) => {
  const i = c.value((v) => v.certain);
  if (i === undefined) return undefined;
  const dtype = c.values[i].tensor.dtype;
  const j = partner(c, i, (v) => v.certain && v.tensor.dtype === dtype);
  if (j === undefined) return undefined;
  const name = c.of(['lt', 'le', 'gt', 'ge', 'eq', 'ne'] as const);
  return { name, inputs: [i, j], build: (a, b) => a[name](b), ...exact(1), error: () => 0 };
};
const logic: Maker = (c) => {
  const i = c.value(isBool);
  if (i === undefined) return undefined;
  const j = partner(c, i, isBool)!;
  const name = c.of(['and', 'or', 'xor', 'not'] as const);
  const build = (a: Tensor, b: Tensor): Tensor => (name === 'not' ? a.not() : a[name](b));
  return { name, inputs: [i, j], build, ...exact(1), error: () => 0 };
};
const choose: Maker = (c) => {
  const i = c.value(isBool);
  if (i === undefined) return undefined;
  const j = partner(c, i, (v) => !isBool(v));
  if (j === undefined) return undefined;
  const a = c.values[j];
  const k = partner(c, j, (v) => v.tensor.dtype === a.tensor.dtype)!;
  const b = c.values[k];
  return {
    name: 'where', inputs: [i, j, k], build: (p, x, y) => where(p, x, y),
    bound: Math.max(a.bound, b.bound), whole: a.whole && b.whole, certain: a.certain && b.certain,
    error: ([, e, f]) => Math.max(e, f),
  }; // prettier-ignore
};
const cast: Maker = (c) => {
  const dtype = c.of(['float32', 'float64', 'int32', 'bool', 'uint32'] as const);
  const i = c.value((v) => v.tensor.dtype !== dtype && (isFloatName(dtype) || v.whole));
  if (i === undefined) return undefined;
  const v = c.values[i];
  // a negative number in uint32 saturates or wraps, depending on where it comes from: small positive ones only
  if (dtype === 'uint32') return { ...moved('to uint32', i, v, (t) => t.abs().to('uint32')), ...exact(v.bound) };
  const known = dtype === 'bool' ? exact(1) : { ...knownOf(v), certain: v.whole };
  const build = (t: Tensor): Tensor => t.to(dtype);
  return { name: `to ${dtype}`, inputs: [i], build, ...known, error: ([e], u) => (v.whole ? 0 : e + v.bound * u) };
};
const isFloatName = (d: string): boolean => d.startsWith('float');

// ── movements ──
const reshape: Maker = (c) => {
  const i = c.value();
  if (i === undefined) return undefined;
  const v = c.values[i];
  const sizes: number[] = [];
  let rest = v.tensor.size;
  if (rest === 0) sizes.push(...v.tensor.shape);
  while (rest > 1 && sizes.length < 4) {
    const divisors = [1, 2, 3, 4, 5, 6, 7, 8, 12, 13, rest].filter((n) => rest % n === 0);
    const n = sizes.length === 3 ? rest : c.of(divisors);
    sizes.push(n);
    rest /= n;
  }
  if (rest > 1) sizes.push(rest);
  if (c.flag()) sizes.reverse();
  return moved(`reshape ${sizes.join()}`, i, v, (t) => t.reshape(sizes));
};
const permute: Maker = (c) => {
  const i = c.value((v) => rank(v) > 1);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const left = v.tensor.shape.map((_, d) => d);
  const order: number[] = [];
  while (left.length > 0) order.push(...left.splice(c.below(left.length), 1));
  return moved(`permute ${order.join()}`, i, v, (t) => t.permute(...order));
};
const expand: Maker = (c) => {
  const i = c.value((v) => rank(v) < 4 && v.tensor.size < 4000);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const shape = v.tensor.shape.map((n) => (n === 1 && c.flag() ? 1 + c.below(5) : n));
  if (c.flag()) shape.unshift(c.below(4));
  return moved(`expand ${shape.join()}`, i, v, (t) => t.expand(...shape));
};
const pad: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0 && v.tensor.size < 20_000);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const widths = v.tensor.shape.map((): [number, number] => [c.below(3), c.below(3)]);
  return moved(`pad ${JSON.stringify(widths)}`, i, v, (t) => t.pad(widths));
};
const slice: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const ranges = v.tensor.shape.map((n): [number, number] | number => {
    const from = c.below(Math.min(4, n + 1));
    const to = n - c.below(Math.min(4, n - from + 1));
    return n > 0 && c.below(5) === 0 ? Math.min(from, n - 1) : [from, to];
  });
  return moved(`slice ${JSON.stringify(ranges)}`, i, v, (t) => t.slice(...ranges));
};
const flip: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const dims = c.some(rank(v));
  return moved(`flip ${dims.join()}`, i, v, (t) => t.flip(dims));
};
const windows: Maker = (c) => {
  const i = c.value((v) => v.tensor.shape.some((n) => n > 0) && rank(v) < 6 && v.tensor.size < 4000);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const { shape } = v.tensor;
  const d = c.of([...shape.keys()].filter((k) => shape[k] > 0));
  const dilation = 1 + c.below(2);
  const size = 1 + c.below(Math.min(4, 1 + Math.floor((shape[d] - 1) / dilation)));
  const step = 1 + c.below(3);
  return moved(`unfold ${[d, size, step, dilation].join()}`, i, v, (t) => unfold(t, d, size, step, dilation));
};
const join: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0 && v.tensor.size < 20_000);
  if (i === undefined) return undefined;
  const a = c.values[i];
  const d = c.below(rank(a));
  const stacked = c.flag();
  const j = c.value(
    (v) =>
      v.tensor.dtype === a.tensor.dtype && rank(v) === rank(a) && v.tensor.size < 20_000 &&
      v.tensor.shape.every((n, k) => (k === d && !stacked) || n === a.tensor.shape[k]),
  )!; // prettier-ignore
  const b = c.values[j];
  return {
    name: stacked ? `stack ${d}` : `concat ${d}`, inputs: [i, j],
    build: (x, y) => (stacked ? stack([x, y], d) : concat([x, y, x], d)),
    bound: Math.max(a.bound, b.bound), whole: a.whole && b.whole, certain: a.certain && b.certain, error: greatest,
  }; // prettier-ignore
};

// ── reductions ──
/** How far two ways to sum `n` numbers may differ, in units: blocks of at most 1,024 in 16 lanes, then pairs. */
const summing = (n: number): number => Math.min(n, 64 + 2 * Math.log2(n + 1));

const reduce: Maker = (c) => {
  const name = c.of(['sum', 'mean', 'max', 'min', 'prod', 'any', 'all'] as const);
  const extreme = name === 'max' || name === 'min';
  const i = c.value((v) => (name !== 'any' && name !== 'all' ? !isBool(v) : v.certain));
  if (i === undefined) return undefined;
  const v = c.values[i];
  const { shape } = v.tensor;
  const dims = c.flag() ? shape.map((_, d) => d) : c.some(shape.length);
  const count = dims.reduce((n, d) => n * shape[d], 1);
  if (extreme && count === 0) return undefined;
  if (name === 'mean' && (count === 0 || !floating(v))) return undefined;
  const keepDim = c.flag();
  const build = (t: Tensor): Tensor => t[name](dims, { keepDim });
  const p = { name: `${name} ${dims.join()}`, inputs: [i], build };
  if (name === 'any' || name === 'all') return { ...p, ...exact(1), error: () => 0 };
  if (extreme) return { ...p, ...knownOf(v), error: ([e]) => e };
  if (name === 'prod') {
    const bound = Math.max(1, v.bound) ** count;
    if (!(bound <= largest)) return undefined;
    const known = arithmetic(bound, [v]);
    return { ...p, ...known, error: ([e], u) => (known.whole ? 0 : bound * ((1 + e + u) ** count - 1) * 2) };
  }
  const bound = Math.max(1, count) * v.bound;
  if (bound > largest) return undefined;
  const known = arithmetic(name === 'mean' ? v.bound : bound, [v], name === 'sum');
  const scale = name === 'mean' ? count : 1;
  return { ...p, ...known, error: ([e], u) => known.whole ? 0 : (count * e + bound * summing(count) * u) / scale + u * v.bound }; // prettier-ignore
};
const arg: Maker = (c) => {
  const i = c.value((v) => v.certain && v.tensor.size > 0);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const name = c.of(['argmax', 'argmin'] as const);
  const d = c.flag() || rank(v) === 0 ? undefined : c.below(rank(v));
  return { name: `${name} ${d}`, inputs: [i], build: (t) => t[name](d), ...exact(v.tensor.size), error: () => 0 };
};
const rows: Maker = (c) => {
  const i = c.value((v) => floating(v) && rank(v) > 0 && v.bound <= 50);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const d = c.below(rank(v));
  const n = v.tensor.shape[d];
  if (v.tensor.size === 0) return undefined;
  if (c.flag())
    return {
      name: `softmax ${d}`, inputs: [i], build: (t) => softmax(t, d), bound: 1, whole: false, certain: false,
      error: ([e], u) => 4 * (e + (v.bound + summing(n) + 4) * u),
    }; // prettier-ignore
  return {
    name: `logSumExp ${d}`, inputs: [i], build: (t) => logSumExp(t, d, { keepDim: true }),
    bound: v.bound + Math.log(n), whole: false, certain: false,
    error: ([e], u) => 4 * (e + (v.bound + summing(n) + 4) * u),
  }; // prettier-ignore
};

// ── products and indexing ──
const matmul: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0 && v.tensor.dtype !== 'uint32');
  if (i === undefined) return undefined;
  const a = c.values[i];
  const k = a.tensor.shape.at(-1)!;
  const transposed = c.flag();
  const j = c.value((v) => {
    const s = v.tensor.shape;
    return rank(v) > 0 && v.tensor.dtype !== 'uint32' && (transposed || s.length === 1 ? s.at(-1) : s.at(-2)) === k;
  });
  if (j === undefined) return undefined;
  const b = c.values[j];
  const bound = Math.max(1, k) * a.bound * b.bound;
  if (bound > largest || a.tensor.size * (b.tensor.size / Math.max(1, k)) > 2_000_000) return undefined;
  const known = arithmetic(bound, [a, b]);
  return {
    name: transposed ? 'matmul bᵀ' : 'matmul', inputs: [i, j],
    build: (x, y) => x.matmul(transposed && y.shape.length > 1 ? y.transpose() : y), ...known,
    error: ([e, f], u) => (known.whole ? 0 : k * (e * b.bound + f * a.bound + e * f) + bound * (k + 1) * u),
  }; // prettier-ignore
};
/** Any whole numbers as indices below `n`. */
const below = (t: Tensor, n: number): Tensor => t.to('int32').abs().mod(n);

const gather: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0 && v.tensor.size > 0);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const d = c.below(rank(v));
  const { shape } = v.tensor;
  const j = c.value((x) => x.whole && rank(x) === rank(v) && x.tensor.shape.every((n, k) => k === d || n <= shape[k]));
  if (j !== undefined && c.flag())
    return { ...moved(`gather ${d}`, i, v, undefined!), inputs: [i, j], build: (t, x) => t.gather(d, below(x, shape[d])) }; // prettier-ignore
  const k = c.value((x) => x.whole && rank(x) === 1 && x.tensor.size < 100);
  if (k === undefined) return undefined;
  return { ...moved(`indexSelect ${d}`, i, v, undefined!), inputs: [i, k], build: (t, x) => t.indexSelect(d, below(x, shape[d])) }; // prettier-ignore
};
const scatter: Maker = (c) => {
  const i = c.value((v) => rank(v) > 0 && v.tensor.size > 0 && !isBool(v) && v.tensor.size < 5000);
  if (i === undefined) return undefined;
  const v = c.values[i];
  const d = c.below(rank(v));
  const { shape, dtype } = v.tensor;
  const j = c.value(
    (x) => x.tensor.dtype === dtype && rank(x) === rank(v) && x.tensor.shape.every((n, k) => k === d || n <= shape[k]),
  )!;
  const source = c.values[j];
  const n = source.tensor.shape[d];
  const k = c.value((x) => x.whole && x.tensor.shape.join() === source.tensor.shape.join());
  if (k === undefined) return undefined;
  const bound = v.bound + n * source.bound;
  if (bound > largest) return undefined;
  const known = arithmetic(bound, [v, source]);
  return {
    name: `scatterAdd ${d}`, inputs: [i, j, k], build: (t, s, x) => t.scatterAdd(d, below(x, shape[d]), s), ...known,
    error: ([e, f], u) => (known.whole ? 0 : e + n * f + n * bound * u),
  }; // prettier-ignore
};
const made: Maker = (c) => {
  const n = c.of([0, 1, 5, 7, 12]);
  if (c.flag()) return { name: `arange ${n}`, inputs: [], build: () => arange(n), ...exact(n), error: () => 0 };
  if (c.flag()) return { name: `rand ${n}`, inputs: [], build: () => rand([n]), bound: 1, whole: false, certain: true, error: () => 0 }; // prettier-ignore
  const i = c.value((v) => v.whole && v.tensor.size < 1000 && rank(v) < 4);
  if (i === undefined) return undefined;
  return { name: `oneHot ${n}`, inputs: [i], build: (t) => oneHot(below(t, 5), 5), ...exact(1), error: () => 0 };
};
const detached: Maker = (c) => {
  const i = c.value();
  return i === undefined ? undefined : moved('detach', i, c.values[i], (t) => t.detach());
};

// ── square matrices, where everything fits everything ──
const weaves = {
  sum: (x: Tensor, y: Tensor) => x.add(y),
  /** What is made at one index is used at another. */
  turned: (x: Tensor, y: Tensor) => x.add(y.transpose()),
  rows: (x: Tensor, y: Tensor) => x.add(y.sum(1, { keepDim: true })),
  product: (x: Tensor, y: Tensor) => x.matmul(y),
};
type Weave = keyof typeof weaves;

/** Two of `size` × `size` floats made one, and small again, or as it is while it is not large: errors grow little. */
function woven(kind: Weave, [i, a]: [number, Known], [j, b]: [number, Known], size: number, plain: boolean): Proposal {
  const isProduct = kind === 'product';
  const terms = kind === 'rows' ? size : 1;
  const bound = isProduct ? size * a.bound * b.bound : a.bound + terms * b.bound;
  const build = weaves[kind];
  const error = ([e, f]: readonly number[], u: number): number =>
    isProduct ? size * (e * b.bound + f * a.bound + e * f) + bound * (size + 1) * u : e + terms * f + bound * (terms + 1) * u; // prettier-ignore
  const known = { whole: false, certain: false, inputs: [i, j] };
  if (plain && bound <= 16) return { ...known, name: kind, build, error, bound };
  return {
    ...known, name: `${kind}, tanh`, bound: 1,
    build: (x, y) => build(x, y).mul(0.5 / size).tanh(),
    error: (e, u) => ((error(e, u) + bound * u) * 0.5) / size + 2 * u,
  }; // prettier-ignore
}

const weave: Maker = (c) => {
  const at = (): [number, Draft] => {
    const i = c.below(c.values.length);
    return [i, c.values[i]];
  };
  const kind = c.of(['sum', 'turned', 'rows', 'product', 'product'] as const);
  const [x, y] = [at(), at()];
  return woven(kind, x, y, c.values[0].tensor.shape[0], c.below(3) === 0);
};

/**
 * Values of which kernels easily wait for each other: `late` is at the index of `early`, but needs `other`, which is with
 * `last`, which needs what was made of `early`. Now and then an operand is another one, or an operation.
 */
const knot: Maker = (c) => {
  const size = c.values[0].tensor.shape[0];
  const made: Proposal[] = [];
  const value = (k: number | undefined): [number, Known] => {
    const known: readonly Known[] = [...c.values, ...made];
    const i = k === undefined || c.below(5) === 0 ? c.below(known.length) : c.values.length + k;
    return [i, known[i]];
  };
  const add = (kind: Weave, x?: number, y?: number): number => {
    const chosen = c.below(5) === 0 ? c.of(['sum', 'turned', 'rows', 'product'] as const) : kind;
    return made.push(woven(chosen, value(x), value(y), size, c.flag())) - 1;
  };
  const early = add('sum');
  const between = add('product', early);
  const other = add('product');
  add('turned', early, other); // late
  add('sum', other, between); // last
  return made;
};

const various: readonly Maker[] = [
  smooth, simple, withNumber, binary, binary, binary, integerArithmetic, compare, logic, choose, cast,
  reshape, reshape, permute, permute, expand, pad, slice, flip, windows, windows, join,
  reduce, reduce, reduce, arg, rows, matmul, matmul, gather, scatter, made, detached,
]; // prettier-ignore
/** What instructions may stand for, by the kind of the program. */
export const makers = { various, woven: [weave, weave, knot] } as const satisfies Record<string, readonly Maker[]>;

/** The error of one operation on values of size 1 that a dtype allows. */
export function unitOf(dtype: Parameters<typeof roundoff>[0]): number {
  return 2 * ulps * roundoff(dtype);
}
