import { logSoftmax, noGrad, parameter, softmax, type Tensor, tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { backward, grad, valueAndGrad } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const float64 = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: 'float64' });
const close = async (t: Tensor | undefined, expected: number[], digits = 12): Promise<void> => {
  const data = [...(await t!.data())];
  expect(data.length).toBe(expected.length);
  data.forEach((x, i) => {
    expect(x).toBeCloseTo(expected[i], digits);
  });
};

describe('grad', () => {
  it('with respect to parameters and to tensors on the way', async () => {
    const p = parameter(float64([1, 2]));
    const square = p.mul(p);
    const y = square.mul(square).sum();
    const [ofParameter, ofSquare] = grad(y, [p, square]);
    await close(ofParameter, [4, 32]);
    await close(ofSquare, [2, 8]);
    expect(p.grad).toBeUndefined();
    await close(grad(y, p)[0], [4, 32]); // nothing was freed
  });
  it('adds up several outputs, each from its own gradient', async () => {
    const p = parameter(float64([1, 2]));
    await close(grad([p.sum(), p.mul(p).sum()], p)[0], [3, 5]);
    const given = [float64([1, 0]), float64([10, 1])];
    await close(grad([p.mul(1), p.mul(p)], p, { gradient: given })[0], [21, 4]);
  });
  it('the tensor itself, and one tensor twice', async () => {
    const p = parameter(float64([5]));
    const x = p.mul(2);
    await close(grad(x, x)[0], [1]);
    const [a, b] = grad(x.mul(x).sum(), [x, x]);
    await close(a, [20]);
    await close(b, [20]);
  });
  it('does not leave a graph behind unless asked', () => {
    const p = parameter(float64([5]));
    const y = p.mul(p).sum();
    expect(grad(y, p)[0].requiresGrad).toBe(false);
    expect(grad(y, p, { createGraph: true })[0].requiresGrad).toBe(true);
  });
  it('refuses inputs that have no part in it', () => {
    const [p, q] = [parameter(float64([1])), parameter(float64([1]))];
    expect(() => grad(p.sum(), [p, q])).toThrow(/do not depend on input 1, .*allowUnused/);
    expect(grad(p.sum(), [p, q], { allowUnused: true })[1]).toBeUndefined();
    expect(() => grad(p.sum(), tensor([1]))).toThrow(/input 0, .* does not require a gradient; .* valueAndGrad/);
    expect(() => grad(p.mul(tensor([1, 2])), p)).toThrow(/grad: .* is not a scalar/);
  });
});

describe('valueAndGrad', () => {
  it('gives the value and the gradient of each argument', async () => {
    const f = valueAndGrad((a: Tensor, b: Tensor) => a.mul(b).sum());
    const { value, grads } = f(float64([1, 2]), float64([3, 4]));
    await close(value, [11]);
    await close(grads[0], [3, 4]);
    await close(grads[1], [1, 2]);
    expect([value.requiresGrad, grads[0].requiresGrad]).toEqual([false, false]);
  });
  it('zeros for an argument without influence', async () => {
    const { grads } = valueAndGrad((a: Tensor, _: Tensor) => a.sum())(float64([1]), float64([1, 2]));
    await close(grads[1], [0, 0]);
  });
  it('takes parameters, without accumulating', async () => {
    const p = parameter(float64([3]));
    const { grads } = valueAndGrad((x: Tensor) => x.mul(p).sum())(p);
    await close(grads[0], [3]); // the other factor is not the argument
    expect(p.grad).toBeUndefined();
  });
  it('refuses integers, and to work under noGrad', () => {
    expect(() => valueAndGrad((x: Tensor) => x)(tensor(Int32Array.of(1)))).toThrow(/argument 0 is int32/);
    expect(() => noGrad(() => valueAndGrad((x: Tensor) => x.sum())(tensor([1])))).toThrow(/noGrad/);
  });
});

describe('gradients of gradients', () => {
  const derivative =
    (f: (x: Tensor) => Tensor) =>
    (x: Tensor): Tensor =>
      valueAndGrad((y: Tensor) => f(y).sum(), { createGraph: true })(x).grads[0];

  it('x³', async () => {
    const x = float64([-1, 0, 2]);
    const cube = (t: Tensor): Tensor => t.mul(t).mul(t);
    await close(derivative(cube)(x), [3, 0, 12]);
    await close(derivative(derivative(cube))(x), [-6, 0, 12]);
    await close(derivative(derivative(derivative(cube)))(x), [6, 6, 6]);
    // the third does not depend on x any more
    expect(() => derivative(derivative(derivative(derivative(cube))))(x)).toThrow(/does not require a gradient/);
  });
  it('tanh', async () => {
    const x = [-1.5, 0, 0.3];
    const t = x.map(Math.tanh);
    await close(derivative(derivative((y) => y.tanh()))(float64(x)), t.map((y) => -2 * y * (1 - y * y))); // prettier-ignore
  });
  it('the Hessian of softmax cross-entropy times a vector: (diag(p) − p pᵀ) v', async () => {
    const logits = parameter(float64([0.5, -1, 2, 0.1]));
    const v = [1, -2, 0.5, 3];
    const loss = logSoftmax(logits, 0).slice(2).neg();
    const [gradient] = grad(loss, logits, { createGraph: true });
    const [product] = grad(gradient.mul(float64(v)).sum(), logits);
    const p = [...(await softmax(logits, 0).data())];
    await close(gradient, p.map((x, i) => x - (i === 2 ? 1 : 0))); // prettier-ignore
    const mean = p.reduce((sum, x, i) => sum + x * v[i], 0);
    await close(product, p.map((x, i) => x * (v[i] - mean))); // prettier-ignore
  });
  it('a penalty on the gradient', async () => {
    const p = parameter(float64([1, 2]));
    const [gradient] = grad(p.mul(p).mul(p).sum(), p, { createGraph: true });
    backward(gradient.mul(gradient).sum()); // Σ 9 p⁴
    await close(p.grad, [36, 288]);
  });
});
