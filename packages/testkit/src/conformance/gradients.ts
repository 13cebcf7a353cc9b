import { grad, valueAndGrad } from '@kindling/autograd';
import { isFloat, logSoftmax, maximum, minimum, relu, softmax, type Tensor, tensor, variance, where } from '@kindling/core'; // prettier-ignore
import { randomGraph } from '../randomGraph.js';
import type { Case, Context } from './context.js';
import { leavesOf } from './leaves.js';

const index = (values: readonly number[], shape: readonly number[]): Tensor =>
  tensor(Int32Array.from(values), { shape });
/** One number of a tensor, in which no two elements count alike. */
const one = (t: Tensor): Tensor => {
  const weights = Float32Array.from({ length: t.size }, (_, i) => 1 + (i % 5) / 4);
  return t.mul(tensor(weights, { shape: t.shape })).sum();
};

const functions: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  'arithmetic': (x, y) => x.mul(y).add(x.div(y.mul(y).add(1))).sub(y.neg()), // prettier-ignore
  'functions': (x, y) => x.exp().add(y.sin()).mul(x.cos()).add(y.tanh()).add(x.erf()), // prettier-ignore
  'roots and powers': (x, y) => x.abs().add(1).log().add(y.mul(y).add(1).sqrt()).add(x.abs().add(1).pow(1.5)), // prettier-ignore
  'choices': (x, y) => where(x.lt(y), x.mul(2), y).add(maximum(x, y)).sub(minimum(x, 0.5)).add(relu(y)), // prettier-ignore
  'movements': (x, y) => x.transpose().flip(0).pad([[1, 2], [0, 1]]).mul(3).slice([1, 4], [0, 3]).matmul(y.reshape(3, 5)), // prettier-ignore
  'sums': (x, y) => x.sum(0).mul(y.mean(1, { keepDim: true })).add(x.mul(y).sum()), // prettier-ignore
  'greatest and products': (x, y) => x.max(1, { keepDim: true }).add(y.min(0)).add(y.add(2).prod(1, { keepDim: true })), // prettier-ignore
  'variances and softmaxes': (x, y) => softmax(x, 1).mul(variance(y, 1, { keepDim: true })).add(logSoftmax(y, 0)), // prettier-ignore
  'products of matrices': (x, y) => x.matmul(y.transpose()).matmul(x.add(y)).tanh(),
  'what was gathered': (x, y) => x.gather(1, index([4, 0, 1, 1, 2, 3], [3, 2])).mul(y.indexSelect(1, index([0, 0], [2]))), // prettier-ignore
  'what was scattered': (x, y) => x.scatterAdd(0, index([2, 2, 0, 1, 2, 1], [2, 3]), y.slice([0, 2], [0, 3])).mul(x), // prettier-ignore
};

/** Gradients, and gradients of gradients, of the same as on the reference: operations in the forms that autograd makes. */
export function gradientCases(context: Context, expressions: number): Case[] {
  const cases = Object.entries(functions).flatMap(([name, f]) => [
    context.computes(`gradients of ${name}`, leavesOf('float32', [3, 5], [3, 5]), ([x, y]) => {
      const { value, grads } = valueAndGrad((a: Tensor, b: Tensor) => one(f(a, b)))(x, y);
      return [value, ...grads];
    }),
    context.computes(`gradients of gradients of ${name}`, leavesOf('float32', [3, 5], [3, 5]), ([x, y]) => {
      const twice = (a: Tensor, b: Tensor): Tensor => {
        const gs = grad(one(f(a, b)), [a, b], { createGraph: true, allowUnused: true });
        return gs.reduce<Tensor>((sum, g) => (g === undefined ? sum : sum.add(one(g.mul(g)))), a.sum());
      };
      return [...valueAndGrad(twice)(x, y).grads];
    }),
  ]);
  return [...cases, ...Array.from({ length: expressions }, (_, seed) => gradientsOfExpression(context, seed))];
}

/** Of the float results of a random expression with respect to its float leaves. */
function gradientsOfExpression(context: Context, seed: number): Case {
  const dtypes = context.dtypes.filter((dtype) => dtype !== 'float64' && dtype !== 'float16');
  const { leaves, build } = randomGraph(seed, { dtypes, elements: 100, steps: 8 });
  return context.computes(`gradients of random expression ${seed}`, leaves, (given) => {
    const positions = [...given.keys()].filter((i) => isFloat(given[i].dtype));
    if (positions.length === 0) return [...build(given)];
    const sum = (...floats: Tensor[]): Tensor => {
      const all = [...given];
      positions.forEach((at, i) => (all[at] = floats[i]));
      return build(all)
        .filter((t) => isFloat(t.dtype))
        .reduce<Tensor>((total, t) => total.add(one(t)), floats[0].sum());
    };
    return [...valueAndGrad(sum)(...positions.map((i) => given[i])).grads];
  });
}
