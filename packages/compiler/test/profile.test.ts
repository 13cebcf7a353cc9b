import { keep, parameter, profile, setDefaultBackend, tensor } from '@kindling/core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Kernel } from '../src/index.js';
import { workOf } from '../src/work.js';
import { interpretedBackend } from './interpretedBackend.js';

describe('profile', () => {
  afterEach(() => setDefaultBackend(undefined));

  it('tells runs, time, bytes and operations of each kernel', async () => {
    setDefaultBackend(interpretedBackend());
    const a = parameter(tensor(new Float32Array(6), { shape: [2, 3] }));
    const b = parameter(tensor(new Float32Array(12), { shape: [3, 4] }));
    const bias = parameter(tensor(new Float32Array(4)));
    await keep(a.matmul(b).add(bias)).data();
    const seen = await profile(async () => {
      for (let i = 0; i < 3; i++) await keep(a.matmul(b).add(bias)).data();
    });
    const [product, ...others] = seen.kernels;
    expect(others).toEqual([]);
    // per run: operands, bias and result once each; a multiplication and an addition for each of k, and the bias
    expect(product).toMatchObject({
      name: 'contract 2 × 4, sums of 3',
      runs: 3,
      bytes: 3 * 4 * (6 + 12 + 4 + 8),
      flop: 3 * (2 * 24 + 8),
    });
    expect(product.ms).toBeGreaterThanOrEqual(0);
    expect(seen.kernelMs).toBe(product.ms);
    expect(seen.wallMs).toBeGreaterThanOrEqual(seen.kernelMs!);
    expect(String(seen)).toMatch(/^kernel +runs +ms .*\ncontract 2 × 4, sums of 3 +3 /);
  });

  it('says nothing of time where a device can tell none', async () => {
    setDefaultBackend(interpretedBackend({ readsLater: true }));
    const seen = await profile(() => tensor([1, 2]).sum().item());
    expect(seen.kernels).toMatchObject([{ name: 'sum of 1 × 2', runs: 1, ms: undefined }]);
    expect(seen.kernelMs).toBeUndefined();
  });

  it('is over when the body throws', async () => {
    setDefaultBackend(interpretedBackend());
    await expect(
      profile(() => {
        throw new Error('mine');
      }),
    ).rejects.toThrow('mine');
    expect((await profile(() => undefined)).kernels).toEqual([]);
  });
});

describe('the work of a kernel', () => {
  it('counts elements that windows share once', () => {
    // out[i] = Σ_k x[i + k] · w[k]
    const at = (buffer: number, ...stride: number[]) => ({ buffer, index: { base: 0, stride } });
    const kernel: Kernel = {
      axes: [10, 3],
      buffers: [
        { dtype: 'float32', use: 'read' },
        { dtype: 'float32', use: 'read' },
        { dtype: 'float32', use: 'write' },
      ],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: [],
        m: [0],
        n: [],
        k: [1],
        a: { code: [{ op: 'load', at: at(0, 1, 1), dtype: 'float32' }], out: 0 },
        b: { code: [{ op: 'load', at: at(1, 0, 1), dtype: 'float32' }], out: 0 },
        dtype: 'float32',
        epilogue: { code: [{ op: 'acc', dtype: 'float32' }], stores: [{ at: at(2, 1, 0), value: 0, mode: 'set' }] },
      },
    };
    expect(workOf(kernel, [])).toEqual({ bytes: 4 * (12 + 3 + 10), flop: 60 });
  });
});
