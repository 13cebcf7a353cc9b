import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, commit, compile, noGrad, Parameter, parameter, tensor, variable, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

describe('requiresGrad', () => {
  it('comes from parameters', () => {
    const p = parameter(tensor([1]));
    expect(p.requiresGrad).toBe(true);
    expect(p.mul(2).requiresGrad).toBe(true);
    expect(tensor([1]).mul(2).requiresGrad).toBe(false);
    expect(variable(tensor([1])).mul(2).requiresGrad).toBe(false);
    expect(p.lt(2).requiresGrad).toBe(false);
    expect(p.to('int32').requiresGrad).toBe(false);
    expect(p.mul(2).detach().requiresGrad).toBe(false);
    expect(noGrad(() => p.mul(2)).requiresGrad).toBe(false);
  });
  it('can be turned off and on', () => {
    const p = parameter(tensor([1]));
    p.requiresGrad = false;
    expect(p.mul(2).requiresGrad).toBe(false);
    p.requiresGrad = true;
    expect(p.mul(2).requiresGrad).toBe(true);
  });
  it('stays with a parameter that was met under noGrad, or assigned there', () => {
    const p = parameter(tensor([1]));
    noGrad(() => {
      p.mul(2);
      assign(p, p.mul(2));
    });
    expect(p.mul(2).requiresGrad).toBe(true);
    commit();
    expect(p.mul(2).requiresGrad).toBe(true);
  });
  it('noGrad ends with its body, also by an error', () => {
    const p = parameter(tensor([1]));
    expect(() =>
      noGrad(() => {
        throw new Error('x');
      }),
    ).toThrow('x');
    expect(p.mul(2).requiresGrad).toBe(true);
  });
});

describe('a gradient given by hand', () => {
  it('must have the shape of its parameter', () => {
    const p = parameter(zeros([2]));
    expect(() => {
      p.grad = zeros([3]);
    }).toThrow('grad: a gradient of shape [3] and dtype float32 was given to');
    expect(() => {
      p.grad = zeros([2], { dtype: 'float64' });
    }).toThrow('dtype float64');
  });
  it('is evaluated at the next step, in a place of its own', async () => {
    const [p, q] = [parameter(tensor([1])), parameter(tensor([2]))];
    const shared = p.add(q);
    p.grad = shared;
    q.grad = shared;
    noGrad(() => {
      assign(p, p.sub(p.grad!));
    });
    commit();
    expect([await p.item(), await p.grad.item(), await q.grad.item()]).toEqual([-2, 3, 3]);
    q.grad = tensor([5]);
    commit();
    expect([await p.grad.item(), await q.grad.item()]).toEqual([3, 5]);
  });
  it('is not frozen into a compiled function', async () => {
    const p = parameter(tensor([0]));
    const step = compile(() => {
      assign(p, p.add(p.grad!));
    });
    for (const x of [1, 2, 3]) {
      p.grad = tensor([x]);
      step();
    }
    expect(await p.item()).toBe(6);
    p.grad = undefined;
    expect(step).toThrow();
  });
  it('can be given in a compiled function', async () => {
    const p = parameter(tensor([0]));
    const given = tensor([7]);
    const step = compile((x: ReturnType<typeof tensor>) => {
      p.grad = p.grad === undefined ? x : p.grad.add(x);
    });
    step(tensor([1]));
    expect(await p.grad!.item()).toBe(1);
    step(tensor([2]));
    step(tensor([3]));
    expect(await p.grad!.item()).toBe(6);
    const constant = compile(() => {
      p.grad = given;
    });
    constant();
    expect(await p.grad!.item()).toBe(7);
    const zero = compile(() => {
      p.grad = undefined;
    });
    zero();
    expect(p.grad).toBeUndefined();
  });
});

it('parameters are floats', () => {
  expect(() => parameter(tensor(Int32Array.of(1)))).toThrow('parameter: a parameter has a float dtype, not int32');
  expect(parameter(tensor(Float64Array.of(1)))).toBeInstanceOf(Parameter);
});
