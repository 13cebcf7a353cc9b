import {
  clamp,
  concat,
  isFloat,
  logSumExp,
  maximum,
  minimum,
  rand,
  randomBits,
  relu,
  scalar,
  sigmoid,
  softmax,
  stack,
  type Tensor,
  unfold,
  where,
} from '@kindling/core';
import type { Pool } from './pool.js';
import { randomValues } from './values.js';

/** One way for an expression to grow. It may do nothing, where it does not fit. */
type Move = (pool: Pool) => void;

const float = (t: Tensor): boolean => isFloat(t.dtype);
const number = (t: Tensor): boolean => t.dtype !== 'bool';
const bits = (t: Tensor): boolean => !isFloat(t.dtype);
const integer = (t: Tensor): boolean => t.dtype === 'int32' || t.dtype === 'uint32';

function unary(name: string, apply: (t: Tensor) => Tensor, condition: (t: Tensor) => boolean = number): Move {
  return (pool) => {
    const i = pool.pick(condition);
    if (i !== undefined) pool.add(name, [i], apply);
  };
}

/** A shape that broadcasts to `shape`: sizes become 1, dimensions in front are left out. */
function narrowed({ random }: Pool, shape: readonly number[]): number[] {
  return shape.slice(random.chance(0.3) ? random.integer(0, shape.length + 1) : 0).map((n) => (random.chance(0.3) ? 1 : n)); // prettier-ignore
}

/** With a tensor of the pool that broadcasts, a new leaf that does, or a number. */
function binary(
  name: string,
  apply: (a: Tensor, b: Tensor | number) => Tensor,
  condition: (t: Tensor) => boolean = number,
): Move {
  // prettier-ignore
  return (pool) => {
    const { random, tensors } = pool;
    const a = pool.pick(condition);
    if (a === undefined) return;
    const { shape, dtype } = tensors[a];
    if (random.chance(0.2)) {
      const x = dtype === 'bool' ? random.integer(0, 2) : isFloat(dtype) ? random.pick([0, 1, -1, 0.5, 2.25, -3]) : random.integer(0, 4); // prettier-ignore
      pool.add(`${name} ${x}`, [a], (t) => apply(t, x));
      return;
    }
    const b = random.chance(0.5)
      ? pool.pick((t) => t.dtype === dtype && condition(t) && broadcasts(t.shape, shape))
      : pool.leaf(narrowed(pool, shape), dtype);
    pool.add(name, random.chance(0.5) ? [a, b] : [b, a], apply);
  };
}

function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  const rank = Math.min(a.length, b.length);
  for (let i = 1; i <= rank; i++) {
    const [m, n] = [a[a.length - i], b[b.length - i]];
    if (m !== n && m !== 1 && n !== 1) return false;
  }
  return true;
}

/** Away from 0, so that quotients stay moderate. */
const away = (x: Tensor | number): Tensor | number => (typeof x === 'number' ? Math.abs(x) + 0.5 : x.abs().add(0.5));

const elementwise: Move[] = [
  unary('neg', (t) => t.neg()),
  unary('abs', (t) => t.abs()),
  unary('sign', (t) => t.sign()),
  unary('floor', (t) => t.mul(2).floor(), float),
  unary('ceil', (t) => t.mul(2).ceil(), float),
  unary('round', (t) => t.mul(2).round(), float),
  unary('trunc', (t) => t.mul(2).trunc(), float),
  unary('sqrt |x|', (t) => t.abs().sqrt(), float),
  unary('exp of clamp', (t) => clamp(t, -4, 4).exp(), float),
  unary('log(|x| + 0.1)', (t) => t.abs().add(0.1).log(), float),
  unary('sin', (t) => t.sin(), float),
  unary('cos', (t) => t.cos(), float),
  unary('tanh', (t) => t.tanh(), float),
  unary('erf', (t) => t.erf(), float),
  unary('square', (t) => t.pow(2)),
  unary('not', (t) => t.not(), bits),
  unary('sigmoid', sigmoid, float),
  unary('relu', relu),
  unary('shl 3', (t) => t.shl(3), integer),
  unary('shr 2', (t) => t.shr(2), integer),
  unary('mul scalar(0)', (t) => t.mul(scalar(0, { dtype: t.dtype }))),
  unary('add scalar(0.7)', (t) => t.add(scalar(0.7)), float),
  binary('add', (a, b) => a.add(b)),
  binary('sub', (a, b) => a.sub(b)),
  binary('mul', (a, b) => a.mul(b)),
  binary('div (|b| + 0.5)', (a, b) => a.div(away(b)), float),
  binary('mod (|b| + 0.5)', (a, b) => a.mod(away(b)), float),
  binary('mod', (a, b) => a.mod(b), integer),
  binary(
    'pow',
    (a, b) =>
      a
        .abs()
        .add(0.1)
        .pow(typeof b === 'number' ? b : clamp(b, -2, 2)),
    float,
  ),
  binary('maximum', maximum),
  binary('minimum', minimum),
  binary('lt', (a, b) => a.lt(b)),
  binary('le', (a, b) => a.le(b)),
  binary('gt', (a, b) => a.gt(b)),
  binary('ge', (a, b) => a.ge(b)),
  binary('eq', (a, b) => a.eq(b)),
  binary('ne', (a, b) => a.ne(b)),
  binary('and', (a, b) => a.and(b), bits),
  binary('or', (a, b) => a.or(b), bits),
  binary('xor', (a, b) => a.xor(b), bits),
  (pool) => {
    const a = pool.pick();
    if (a === undefined) return;
    const { shape, dtype } = pool.tensors[a];
    const condition = pool.leaf(narrowed(pool, shape), 'bool');
    const b = pool.leaf(narrowed(pool, shape), dtype);
    pool.add('where', [condition, a, b], (c, x, y) => where(c, x, y));
  },
  (pool) => {
    const a = pool.pick();
    if (a === undefined) return;
    const dtype = pool.random.pick(pool.dtypes);
    pool.add(`cast to ${dtype}`, [a], (t) => t.to(dtype));
  },
];

const movements: Move[] = [
  (pool) => {
    const a = pool.pick();
    if (a === undefined) return;
    const order = pool.random.shuffle([...pool.tensors[a].shape.keys()]);
    pool.add(`permute ${order.join()}`, [a], (t) => t.permute(...order));
  },
  (pool) => {
    const { random } = pool;
    const a = pool.pick((t) => t.size > 0);
    if (a === undefined) return;
    const factors: number[] = [];
    for (let rest = pool.tensors[a].size, f = 2; rest > 1;)
      if (rest % f === 0) {
        factors.push(f);
        rest /= f;
      } else f += 1;
    const shape = [1];
    for (const f of random.shuffle(factors)) {
      if (random.chance(0.5)) shape.push(1);
      shape[shape.length - 1] *= f;
    }
    pool.add(`reshape ${shape.join()}`, [a], (t) => t.reshape(shape));
  },
  (pool) => {
    const { random } = pool;
    const a = pool.pick();
    if (a === undefined) return;
    const shape = pool.tensors[a].shape.map((n) => (n === 1 && random.chance(0.7) ? random.integer(1, 6) : n));
    if (random.chance(0.5)) shape.unshift(random.integer(1, 4));
    pool.add(`expand ${shape.join()}`, [a], (t) => t.expand(...shape));
  },
  (pool) => {
    const { random } = pool;
    const a = pool.pick();
    if (a === undefined) return;
    const widths = pool.tensors[a].shape.map(() => [random.integer(0, 3), random.integer(0, 3)] as const);
    pool.add(`pad ${JSON.stringify(widths)}`, [a], (t) => t.pad(widths));
  },
  (pool) => {
    const { random } = pool;
    const a = pool.pick();
    if (a === undefined) return;
    const ranges = pool.tensors[a].shape.map((n) => {
      const from = random.integer(0, Math.floor(n / 2) + 1);
      return [from, random.integer(Math.min(n, from + 1), n + 1)] as const;
    });
    pool.add(`slice ${JSON.stringify(ranges)}`, [a], (t) => t.slice(...ranges));
  },
  (pool) => {
    const a = pool.pick((t) => t.shape.length > 0);
    if (a === undefined) return;
    const dims = pool.random.subset([...pool.tensors[a].shape.keys()]);
    pool.add(`flip ${dims.join()}`, [a], (t) => t.flip(dims));
  },
  (pool) => {
    const { random, tensors } = pool;
    const a = pool.pick((t) => t.shape.some((n) => n > 0) && t.size < 2000);
    if (a === undefined) return;
    const { shape } = tensors[a];
    const dim = random.pick([...shape.keys()].filter((d) => shape[d] > 0));
    const dilation = random.integer(1, 3);
    const size = random.integer(1, Math.min(4, 1 + Math.floor((shape[dim] - 1) / dilation)) + 1);
    const step = random.integer(1, 4);
    pool.add(`unfold ${[dim, size, step, dilation].join()}`, [a], (t) => unfold(t, dim, size, step, dilation));
  },
  (pool) => {
    const { random, tensors } = pool;
    const a = pool.pick((t) => t.shape.length > 0);
    if (a === undefined) return;
    const dim = random.integer(0, tensors[a].shape.length);
    const shape = tensors[a].shape.map((n, d) => (d === dim ? random.integer(0, 4) : n));
    const b = pool.leaf(shape, tensors[a].dtype);
    pool.add(`concat along ${dim} of`, [a, b, a], (...ts) => concat(ts, dim));
  },
  unary('stack of 2', (t) => stack([t, t], 0)),
];

const reductionNames = ['sum', 'mean', 'prod', 'max', 'min', 'any', 'all'] as const;
const overDimensions: Move[] = [
  ...Array<Move>(3).fill((pool) => {
    const { random } = pool;
    const name = random.pick(reductionNames);
    const a = pool.pick((t) => (t.size > 0 || !['max', 'min'].includes(name)) && (name !== 'prod' || t.size < 40));
    if (a === undefined) return;
    const dims = random.subset([...pool.tensors[a].shape.keys()]);
    const keepDim = random.chance(0.5);
    pool.add(`${name} over [${dims.join()}]${keepDim ? ' kept' : ''}`, [a], (t) => t[name](dims, { keepDim }));
  }),
  (pool) => {
    const { random } = pool;
    const a = pool.pick((t) => t.size > 0 && t.shape.length > 0);
    if (a === undefined) return;
    const name = random.pick(['argmax', 'argmin'] as const);
    const dim = random.chance(0.3) ? undefined : random.integer(0, pool.tensors[a].shape.length);
    pool.add(`${name} over ${dim}`, [a], (t) => t[name](dim));
  },
  (pool) => {
    const { random } = pool;
    const a = pool.pick((t) => float(t) && t.size > 0 && t.shape.length > 0);
    if (a === undefined) return;
    const dim = random.integer(0, pool.tensors[a].shape.length);
    if (random.chance(0.5)) pool.add(`softmax over ${dim}`, [a], (t) => softmax(t, dim));
    else pool.add(`logSumExp over ${dim}`, [a], (t) => logSumExp(t, dim, { keepDim: true }));
  },
  (pool) => {
    const { random, tensors } = pool;
    const a = pool.pick((t) => number(t) && t.shape.length >= 2);
    if (a === undefined) return;
    const { shape, dtype } = tensors[a];
    const k = shape[shape.length - 1];
    const n = random.pick([1, 2, 3, 5, 8, 17]);
    const batch = narrowed(pool, shape.slice(0, -2));
    const turned = random.chance(0.5);
    const b = pool.leaf([...batch, ...(turned ? [n, k] : [k, n])], dtype);
    pool.add(turned ? 'matmul with the transpose' : 'matmul', [a, b], (x, y) => x.matmul(turned ? y.transpose() : y));
  },
  (pool) => {
    const a = pool.pick((t) => number(t) && t.shape.length >= 2);
    if (a !== undefined) pool.add('matmul of the transpose with itself', [a], (t) => t.transpose().matmul(t));
  },
];

/** A new leaf of indices for `dim` of a tensor, all of them in range. */
function indices(pool: Pool, a: number, dim: number): number | undefined {
  const { random, tensors } = pool;
  const { shape } = tensors[a];
  const indexShape = shape.map((n, d) => (d === dim ? random.integer(0, 7) : random.integer(Math.min(1, n), n + 1)));
  const values = randomValues(random, indexShape, 'int32').map(() => random.integer(0, shape[dim]));
  return pool.leaf(indexShape, 'int32', values);
}
const indexing: Move[] = [
  (pool) => {
    if (!pool.dtypes.includes('int32')) return;
    const a = pool.pick((t) => t.size > 0 && t.shape.length > 0);
    if (a === undefined) return;
    const dim = pool.random.integer(0, pool.tensors[a].shape.length);
    pool.add(`gather along ${dim}`, [a, indices(pool, a, dim)], (t, i) => t.gather(dim, i));
  },
  (pool) => {
    if (!pool.dtypes.includes('int32')) return;
    const a = pool.pick((t) => number(t) && t.size > 0 && t.shape.length > 0);
    if (a === undefined) return;
    const dim = pool.random.integer(0, pool.tensors[a].shape.length);
    const index = indices(pool, a, dim);
    if (index === undefined) return;
    const source = pool.leaf(pool.tensors[index].shape, pool.tensors[a].dtype);
    pool.add(`scatterAdd along ${dim}`, [a, index, source], (t, i, s) => t.scatterAdd(dim, i, s));
  },
];

const randomNumbers: Move = (pool) => {
  const a = pool.pick();
  if (a === undefined) return;
  const { shape } = pool.tensors[a];
  if (pool.dtypes.includes('uint32') && pool.random.chance(0.5))
    pool.add('randomBits like', [a], () => randomBits(shape)); // prettier-ignore
  else if (pool.dtypes.includes('float32')) pool.add('rand like', [a], () => rand(shape));
};

/** Kinds that matter as much as the many elementwise ones are there more than once. */
export const moves: readonly Move[] = [
  ...elementwise,
  ...movements,
  ...movements,
  ...overDimensions,
  ...overDimensions,
  ...indexing,
  ...indexing,
  randomNumbers,
];
