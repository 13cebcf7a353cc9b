import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign, commit, keep, parameter, programStatistics, tensor, variable, zeros } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

describe('assignment', () => {
  it('means what it would if it happened at once', async () => {
    const v = variable(tensor([1, 2]));
    const before = v.add(10);
    assign(v, v.mul(2));
    const after = v.add(10);
    assign(v, v.add(1));
    expect(await after.toArray()).toEqual([12, 14]);
    expect(await v.toArray()).toEqual([3, 5]);
    await expect(before.toArray()).rejects.toThrow('needs the value');
  });
  it('keeps a value that was read before', async () => {
    const v = variable(tensor([1, 2]));
    const before = v.add(10);
    before.dataSync();
    assign(v, v.mul(2));
    commit();
    expect(await before.mul(2).toArray()).toEqual([22, 24]);
  });
  it('of one variable to another, and of both at once', async () => {
    const [a, b] = [variable(tensor([1])), variable(tensor([2]))];
    const sum = a.add(b);
    assign(a, b);
    assign(b, sum);
    expect([await a.item(), await b.item()]).toEqual([2, 3]);
    const old = a.mul(1);
    assign(a, b);
    assign(b, old);
    expect([await a.item(), await b.item()]).toEqual([3, 2]);
  });
  it('takes what fits only', () => {
    const v = variable(zeros([2]));
    v.name = 'scale';
    expect(() => {
      assign(v, zeros([3]));
    }).toThrow('assign: scale (float32 [2]) cannot take a value of shape [3] and dtype float32');
    expect(() => {
      assign(v, zeros([2], { dtype: 'int32' }));
    }).toThrow('dtype int32');
  });
  it('of several elements in one program', () => {
    const variables = [1, 2, 3].map((x) => variable(tensor([x])));
    commit();
    for (const v of variables) assign(v, v.add(1));
    const { runs } = programStatistics();
    commit();
    expect(programStatistics().runs).toBe(runs + 1);
    expect(variables.map((v) => v.itemSync())).toEqual([2, 3, 4]);
  });
  it('is not lost when something else cannot be read', async () => {
    const [v, w] = [variable(tensor([1])), variable(tensor([1]))];
    const stale = v.add(1);
    assign(v, v.mul(5));
    commit();
    assign(w, w.mul(7));
    await expect(stale.item()).rejects.toThrow('overwritten');
    expect(await w.item()).toBe(7);
  });
});

describe('a variable', () => {
  it('starts as what its first value was, though that was computed from another one', async () => {
    const p = parameter(tensor([3]));
    const average = variable(p);
    const double = variable(p.mul(2));
    assign(p, p.add(1));
    commit();
    expect([await average.item(), await double.item(), await p.item()]).toEqual([3, 6, 4]);
  });
  it('has a value of today for who detaches it', async () => {
    for (const v of [variable(tensor([1])), parameter(tensor([1]))]) {
      const snapshot = keep(v.detach());
      assign(v, v.add(1));
      commit();
      expect([await snapshot.item(), await v.item()]).toEqual([1, 2]);
    }
  });
  it('can be disposed of', async () => {
    const v = variable(tensor([1]));
    v.name = 'scale';
    assign(v, v.add(1));
    commit();
    v.dispose();
    expect(v.memory).toBeUndefined();
    await expect(v.add(1).item()).rejects.toThrow('was disposed of');
  });
});

describe('an overwritten value', () => {
  it('is missed with a message that names it and what to do', async () => {
    const v = variable(tensor([1, 2]));
    v.name = 'the scale';
    const sum = v.mul(2).sum();
    assign(v, v.add(1));
    commit();
    await expect(sum.item()).rejects.toThrow(
      /^item: the sum of shape \[\] needs the value that the scale \(float32 \[2\]\) had before it was overwritten .* or call keep\(tensor\) before the step$/,
    );
    expect(() => sum.add(1).dataSync()).toThrow('dataSync: the add of shape []');
  });
  it('is there for who kept it', async () => {
    const v = variable(tensor([1, 2]));
    const sum = keep(v.sum());
    assign(v, v.add(1));
    commit();
    expect(await sum.item()).toBe(3);
    expect(await sum.add(v.sum()).item()).toBe(8);
    expect(sum.backend?.name).toBe('reference');
  });
  it('is gone with what was kept of it', async () => {
    const v = variable(tensor([1, 2]));
    const sum = keep(v.sum());
    commit();
    sum.dispose();
    await expect(sum.item()).rejects.toThrow('disposed of');
    await expect(sum.add(1).item()).rejects.toThrow('the sum of shape [] was disposed of and is needed again');
  });
});

describe('programs', () => {
  it('are found by structure', () => {
    const step = (x: number[], by: number): unknown => tensor(x).mul(by).exp().sum().itemSync();
    step([1, 2], 0.5);
    const { prepared, runs } = programStatistics();
    step([3, 4], 0.7);
    expect(programStatistics()).toEqual({ prepared, runs: runs + 1 });
    step([3, 4, 5], 0.7);
    expect(programStatistics().prepared).toBe(prepared + 1);
  });
  it('do not depend on what was read in between', async () => {
    const v = variable(tensor([1]));
    const step = (): void => {
      assign(v, v.add(0.5));
      commit();
    };
    await v.data();
    step();
    const { prepared } = programStatistics();
    await v.data();
    step();
    await v.mul(1).data();
    step();
    expect(programStatistics().prepared).toBe(prepared + 1);
    expect(await v.item()).toBe(2.5);
  });
  it('can be as deep as the stack is not', () => {
    let x = tensor([1]);
    for (let i = 0; i < 20_000; i++) x = x.add(1);
    expect(x.itemSync()).toBe(20_001);
  });
});
