import { logSumExp, parameter, tensor, where } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { findNonFinite, grad } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

describe('findNonFinite', () => {
  it('names the operation in which a NaN arose, and its operands', async () => {
    const p = parameter(tensor([1, -4]));
    p.name = 'layer.weight';
    const loss = p.log().add(1).sum();
    expect(await findNonFinite(loss)).toEqual({
      op: 'log',
      shape: [2],
      name: undefined,
      found: 'NaN',
      inputs: [{ op: 'variable', shape: [2], name: 'layer.weight', found: undefined }],
    });
  });
  it('a NaN of two infinities', async () => {
    const x = parameter(tensor([1000]));
    const e = x.exp();
    const found = await findNonFinite(e.div(e).sum());
    expect([found?.op, found?.inputs.map((i) => [i.op, i.found])]).toEqual([
      'div',
      [
        ['exp', 'Infinity'],
        ['exp', 'Infinity'],
      ],
    ]);
    expect((await findNonFinite(e.sum()))?.op).toBe('exp');
  });
  it('a parameter that is NaN itself', async () => {
    const p = parameter(tensor([NaN]));
    p.name = 'bias';
    expect(await findNonFinite(p.mul(2).sum())).toMatchObject({
      op: 'variable',
      name: 'bias',
      found: 'NaN',
      inputs: [],
    });
  });
  it('nothing where the result is finite, whatever a selection hides', async () => {
    const p = parameter(tensor([0, 1]));
    expect(await findNonFinite(where(p.gt(0), p.log(), 0).sum())).toBeUndefined();
    expect(await findNonFinite(logSumExp(tensor([-Infinity, 0])))).toBeUndefined();
  });
  it('in gradients, too', async () => {
    const p = parameter(tensor([0, 1]));
    expect(await findNonFinite(grad(p.sqrt().sum(), p)[0])).toMatchObject({ op: 'div', found: 'Infinity' });
  });
});
