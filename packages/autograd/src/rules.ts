import { arange, type Attributes, node, type Op, Tensor, where, zerosLike } from '@kindling/core';
import { productOfOthers } from './productOfOthers.js';

/** The gradient of one input of a node from that of its output; undefined where it is zero everywhere. */
export type Rule<O extends Op = Op> = (
  gradient: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  attribute: O extends keyof Attributes ? Attributes[O] : undefined,
) => Tensor | undefined;

/** Operations whose nodes can require a gradient, beside leaves and 'identity'. */
type Differentiable =
  | 'neg' | 'abs' | 'sign' | 'floor' | 'ceil' | 'round' | 'trunc' | 'sqrt' | 'exp' | 'log' | 'sin' | 'cos' | 'tanh' | 'erf'
  | 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow' | 'max' | 'min' | 'where' | 'cast'
  | 'reshape' | 'permute' | 'expand' | 'pad' | 'shrink' | 'flip'
  | 'sum' | 'prod' | 'amax' | 'amin' | 'matmul' | 'gather' | 'scatterAdd' | 'after'; // prettier-ignore

/** A coefficient: part of the program, where a plain number would be given anew at each run. */
const constant = (value: number, like: Tensor): Tensor => new Tensor(node('const', [], [], like.dtype, value));

const zero: Rule = () => undefined;
const pass: Rule = (g) => g;

/** The share of `x` in the gradient of the greater of `x` and `y`: half of it where they are equal. */
const shareOfGreater = (g: Tensor, x: Tensor, y: Tensor): Tensor =>
  where(x.eq(y), g.mul(constant(0.5, g)), where(x.lt(y), 0, g));

/** A reduced tensor with its reduced dimensions back, of size 1. */
const withDims = (t: Tensor, x: Tensor, dims: readonly number[]): Tensor =>
  t.reshape(x.shape.map((size, d) => (dims.includes(d) ? 1 : size)));

/** All elements that equal the extreme one share its gradient evenly. */
const extreme: Rule<'amax' | 'amin'> = (g, [x], y, dims) => {
  const chosen = x.eq(withDims(y, x, dims));
  const count = chosen.to(g.dtype).sum(dims, { keepDim: true });
  return where(chosen, withDims(g, x, dims).div(count), 0);
};

const inverse = (order: readonly number[]): number[] => order.map((_, d) => order.indexOf(d));

/**
 * For each differentiable operation one rule per input, in tensor operations. Operands of elementwise operations have
 * the shape of the result, or are numbers, which require no gradient.
 */
export const rules: { readonly [O in Differentiable]: readonly Rule<O>[] } = {
  neg: [(g) => g.neg()],
  abs: [(g, [x]) => g.mul(x.sign())],
  sign: [zero],
  floor: [zero],
  ceil: [zero],
  round: [zero],
  trunc: [zero],
  sqrt: [(g, _, y) => g.div(y.add(y))],
  exp: [(g, _, y) => g.mul(y)],
  log: [(g, [x]) => g.div(x)],
  sin: [(g, [x]) => g.mul(x.cos())],
  cos: [(g, [x]) => g.mul(x.sin().neg())],
  tanh: [(g, _, y) => g.mul(constant(1, y).sub(y.mul(y)))],
  erf: [(g, [x]) => g.mul(constant(2 / Math.sqrt(Math.PI), x)).mul(x.mul(x).neg().exp())],

  add: [pass, pass],
  sub: [pass, (g) => g.neg()],
  mul: [(g, [, b]) => g.mul(b), (g, [a]) => g.mul(a)],
  div: [(g, [, b]) => g.div(b), (g, [, b], y) => g.neg().mul(y.div(b))],
  // how often b goes into a, as the remainder has it: a / b may be rounded up to the next whole number
  mod: [pass, (g, [a, b], y) => g.neg().mul(a.sub(y).div(b).round())],
  pow: [
    (g, [a, b]) => where(b.eq(0), 0, g.mul(b.mul(a.pow(b.sub(1))))),
    (g, [a, b], y) => g.mul(where(a.eq(0).and(b.ge(0)), 0, y.mul(a.log()))),
  ],
  max: [(g, [a, b]) => shareOfGreater(g, a, b), (g, [a, b]) => shareOfGreater(g, b, a)],
  min: [(g, [a, b]) => shareOfGreater(g, b, a), (g, [a, b]) => shareOfGreater(g, a, b)],
  where: [zero, (g, [c]) => where(c, g, 0), (g, [c]) => where(c, 0, g)],
  cast: [(g, [x]) => g.to(x.dtype)],

  reshape: [(g, [x]) => g.reshape(x.shape)],
  permute: [(g, _, __, order) => g.permute(...inverse(order))],
  expand: [
    (g, [x]) => {
      const added = g.shape.length - x.shape.length;
      const dims = g.shape.flatMap((size, d) => (d < added || size !== x.shape[d - added] ? [d] : []));
      return g.sum(dims).reshape(x.shape);
    },
  ],
  pad: [(g, [x], _, widths) => g.slice(...x.shape.map((size, d) => [widths[d][0], widths[d][0] + size] as const))],
  shrink: [(g, [x], _, ranges) => g.pad(ranges.map(([from, to], d) => [from, x.shape[d] - to]))],
  flip: [(g, _, __, dims) => g.flip(dims)],

  sum: [(g, [x], _, dims) => withDims(g, x, dims).expand(...x.shape)],
  prod: [
    (g, [x], _, dims) => {
      const order = [...x.shape.keys()].filter((d) => !dims.includes(d)).concat(dims);
      const moved = x.permute(...order);
      const count = dims.reduce((n, d) => n * x.shape[d], 1);
      const others = productOfOthers(moved.reshape([...g.shape, count]));
      return g
        .unsqueeze(-1)
        .mul(others)
        .reshape(moved.shape)
        .permute(...inverse(order));
    },
  ],
  amax: [extreme],
  amin: [extreme],

  matmul: [(g, [, b]) => g.matmul(b.transpose()), (g, [a]) => a.transpose().matmul(g)],
  gather: [
    (g, [x, index], _, dim) => {
      if (index.shape[dim] !== 1) return zerosLike(x).scatterAdd(dim, index, g);
      // one element of each row, as in cross-entropy: a comparison with the positions fuses with what is around
      const position = arange(x.shape[dim]).reshape(x.shape.map((size, d) => (d === dim ? size : 1)));
      return where(position.eq(index), g, 0);
    },
  ],
  scatterAdd: [pass, zero, (g, [, index], _, dim) => g.gather(dim, index)],
  after: [pass, zero],
};
