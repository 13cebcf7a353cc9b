import {
  assign,
  commit,
  compile,
  customGradient,
  noGrad,
  parameter,
  type Tensor,
  tensor,
  variable,
} from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { backward, grad } from '../src/index.js';

beforeAll(useBackend(referenceBackend));
afterEach(commit); // nothing that waits is left to the next test

const gradientOf = async (p: { grad: Tensor | undefined }): Promise<unknown> => p.grad?.toArray();

describe('backward', () => {
  it('accumulates until the gradient is cleared', async () => {
    const p = parameter(tensor([1, 2]));
    backward(p.mul(p).sum());
    expect(await gradientOf(p)).toEqual([2, 4]);
    backward(p.mul(3).sum());
    backward(p.sum());
    expect(await gradientOf(p)).toEqual([6, 8]);
    p.grad = undefined;
    backward(p.sum());
    expect(await gradientOf(p)).toEqual([1, 1]);
  });
  it('adds up over all uses of a shared subexpression', async () => {
    const p = parameter(tensor([3]));
    const square = p.mul(p);
    const y = square.add(square.mul(square)).add(p);
    backward(y.sum());
    expect(await gradientOf(p)).toEqual([2 * 3 + 4 * 27 + 1]);
  });
  it('gives a parameter that is reached without influence a gradient of 0, and others none', async () => {
    const [p, q, r] = [parameter(tensor([1.5])), parameter(tensor([2])), parameter(tensor([4]))];
    backward(p.mul(q.floor()).sum());
    expect([await gradientOf(p), await gradientOf(q), await gradientOf(r)]).toEqual([[2], [0], undefined]);
  });
  it('leaves frozen parameters and detached tensors out', async () => {
    const [p, q] = [parameter(tensor([2])), parameter(tensor([5]))];
    q.requiresGrad = false;
    backward(p.mul(q).add(p.detach().mul(p)).sum());
    expect([await gradientOf(p), q.grad]).toEqual([[7], undefined]);
    q.requiresGrad = true;
    const built = p.mul(q);
    q.requiresGrad = false;
    backward(built.sum()); // frozen after it was used
    expect(q.grad).toBeUndefined();
  });
  it('takes the value that a parameter has when it is used', async () => {
    const p = parameter(tensor([2]));
    const before = p.mul(p);
    assign(p, p.add(10));
    backward(before.add(p.mul(100)).add(p.mul(p)).sum());
    // the gradient stays with the parameter: it does not flow through the assignment
    expect(await gradientOf(p)).toEqual([4 + 100 + 24]);
  });
  it('starts from a given gradient', async () => {
    const p = parameter(tensor([1, 2], { dtype: 'float64' }));
    backward(p.mul(p), { gradient: tensor([10, 1]) });
    expect(await gradientOf(p)).toEqual([20, 4]);
  });
  it('keeps the gradients of two parameters apart, though they are one tensor', async () => {
    const [p, q] = [parameter(tensor([1, 1])), parameter(tensor([1, 1]))];
    backward(p.add(q).sum());
    await p.grad!.data();
    q.grad = undefined;
    backward(q.mul(7).sum());
    expect([await gradientOf(p), await gradientOf(q)]).toEqual([[1, 1], [7, 7]]); // prettier-ignore
  });
  it('does not take hold of the gradient given', async () => {
    const p = parameter(tensor([1, 1]));
    const given = tensor([1, 2]).mul(3);
    backward(p, { gradient: given });
    backward(p.sum());
    p.grad = undefined;
    backward(p.sum());
    expect(await given.toArray()).toEqual([3, 6]);
  });
  it('leaves losses readable, and other graphs alone', async () => {
    const p = parameter(tensor([2]));
    const stem = p.mul(p);
    const [first, second] = [stem.sum(), stem.mul(3).sum()];
    backward(first);
    backward(second);
    expect([await first.item(), await second.item(), await gradientOf(p)]).toEqual([4, 12, [16]]);
  });
  it('goes through values that were read before', async () => {
    const p = parameter(tensor([2]));
    const square = p.mul(p);
    const loss = square.mul(square).sum();
    expect([await square.item(), await loss.item()]).toEqual([4, 16]);
    backward(loss);
    expect(await gradientOf(p)).toEqual([32]);
  });
  it('does not recurse', async () => {
    const p = parameter(tensor([1]));
    const step = tensor([1e-3]);
    let x: Tensor = p;
    for (let i = 0; i < 50_000; i++) x = x.add(step);
    backward(x.sum());
    expect(await gradientOf(p)).toEqual([1]);
  });
  it('works in compiled functions', async () => {
    const p = parameter(tensor([1, 2]));
    const step = compile((x: Tensor) => {
      p.grad = undefined;
      const loss = p.mul(p).mul(x).sum();
      backward(loss);
      return loss;
    });
    for (const [x, loss] of [
      [1, 5],
      [3, 15],
      [2, 10],
    ] as const) {
      expect(await step(tensor([x])).item()).toBe(loss);
      expect(await gradientOf(p)).toEqual([2 * x, 4 * x]);
    }
  });
});

describe('what backward refuses', () => {
  const p = parameter(tensor([1, 2]));
  it('a loss that is not a scalar', () => {
    expect(() => backward(p.mul(2))).toThrow(/shape \[2\] .* is not a scalar; reduce it with \.mean\(\)/);
  });
  it('a gradient of another shape', () => {
    expect(() => backward(p.mul(2), { gradient: tensor([1]) })).toThrow(
      /gradient of shape \[1\] was given for .* \[2\]/,
    );
  });
  it('what does not require a gradient', () => {
    expect(() => backward(tensor(1))).toThrow(/does not require a gradient/);
    expect(() => backward(noGrad(() => p.sum()))).toThrow(/noGrad/);
    expect(() => backward(variable(tensor(1)).mul(2))).toThrow(/does not require a gradient/);
    expect(() => backward(p.argmax())).toThrow(/int32 has no gradient; only floats/);
  });
  it('a graph that an earlier backward has freed', async () => {
    const loss = p.sum();
    backward(loss);
    expect(() => backward(loss)).toThrow(/freed by an earlier backward; .* retainGraph: true/);
    expect(() => backward(loss.mul(2))).toThrow(/freed by an earlier backward/);
    expect(() => grad(loss, p)).toThrow(/freed by an earlier backward/);
    p.grad = undefined;
    const retained = p.sum();
    backward(retained, { retainGraph: true });
    backward(retained);
    expect(await gradientOf(p)).toEqual([2, 2]);
    expect(() => backward(retained)).toThrow(/freed/);
  });
  it('a custom gradient that does not fit its input', () => {
    const wrong = customGradient([p], ([x]) => x.mul(2), (g) => [g.sum()]); // prettier-ignore
    expect(() => backward(wrong.sum())).toThrow(
      /customGradient: .* shape \[\] for input 0, which is float32 of shape \[2\]/,
    );
  });
  it('a custom gradient of mixed dtypes gives each input its own', async () => {
    const [narrow, wide] = [parameter(tensor([1, 2])), parameter(tensor(Float64Array.of(3, 4)))];
    const product = customGradient([narrow, wide], ([x, y]) => x.mul(y), (g, _product, [x, y]) => [g.mul(y), g.mul(x)]); // prettier-ignore
    backward(product.sum());
    expect([narrow.grad!.dtype, await gradientOf(narrow)]).toEqual(['float32', [3, 4]]);
    expect([wide.grad!.dtype, await gradientOf(wide)]).toEqual(['float64', [1, 2]]);
  });
});
