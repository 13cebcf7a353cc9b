import { describe, expect, it } from 'vitest';
import type { Inst, Kernel } from '@kindling/compiler';
import { cpuDevice } from '../src/device.js';
import { cells, load, read, runByInterpreter, runOnCpu, set, write } from './harness.js';
import { check, matmul, noise } from './matmul.js';

describe('contractions', () => {
  const sizes = [0, 1, 3, 5, 7, 8, 9, 16, 17, 33, 64];
  for (const ta of [false, true]) {
    for (const tb of [false, true]) {
      it(`every edge of a tile, ${ta ? 'Aᵀ' : 'A'}·${tb ? 'Bᵀ' : 'B'}`, () => {
        sizes.forEach((M, i) =>
          sizes.forEach((N, j) => check(M, N, sizes[(i * 3 + j) % sizes.length], ta, tb, (i + j) % 2 > 0)),
        );
        check(100, 257, 65, ta, tb, true);
        check(257, 100, 33, ta, tb, false);
      });

      it(`sums in several blocks, ${ta ? 'Aᵀ' : 'A'}·${tb ? 'Bᵀ' : 'B'}`, () => {
        check(9, 10, 2050, ta, tb, true);
        check(128, 96, 1100, ta, tb, false);
      });

      it(`packed operands, ${ta ? 'Aᵀ' : 'A'}·${tb ? 'Bᵀ' : 'B'}`, () => {
        check(256, 96, 130, ta, tb, true);
        check(40, 600, 20, ta, tb, false);
      });
    }
  }

  it('an empty sum is 0, then comes the epilogue', () => {
    const bias = Float32Array.of(1, -1, 2);
    const got = runOnCpu(matmul(2, 3, 0, false, false, true), [
      cells('float32', []),
      cells('float32', []),
      new Float32Array(6),
      bias,
    ]);
    expect([...got[2]]).toEqual([1, 0, 2, 1, 0, 2]);
  });

  it('a convolution: padded windows, results beside each other along m or n', () => {
    // out[b, o, y, x] = Σ in[b, c, y + dy - 1, x + dx - 1] · w[o, c, dy, dx]
    const [B, C, O, H, W] = [2, 3, 5, 7, 6] as const;
    const axes = [B, O, H, W, C, 3, 3];
    const [b, o, y, x, c, dy, dx] = [0, 1, 2, 3, 4, 5, 6];
    const strides = (of: Record<number, number>) => axes.map((_, axis) => of[axis] ?? 0);
    const inside = (a: number, d: number, size: number) => ({
      at: { base: -1, stride: strides({ [a]: 1, [d]: 1 }) },
      lo: 0,
      hi: size,
    });
    const index = { base: -W - 1, stride: strides({ [b]: C * H * W, [c]: H * W, [y]: W, [x]: 1, [dy]: W, [dx]: 1 }) };
    const image = {
      code: [
        {
          op: 'load',
          at: { buffer: 0, index, bounds: [inside(y, dy, H), inside(x, dx, W)] },
          dtype: 'float32',
        } as Inst,
      ],
      out: 0,
    };
    const weight = { code: [load(1, { base: 0, stride: strides({ [o]: C * 9, [c]: 9, [dy]: 3, [dx]: 1 }) })], out: 0 };
    const kernel: Kernel = {
      axes,
      buffers: [read(), read(), write()],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: [],
        m: [o],
        n: [b, y, x],
        k: [c, dy, dx],
        dtype: 'float32',
        a: weight,
        b: image,
        epilogue: {
          code: [{ op: 'acc', dtype: 'float32' }],
          stores: [set(2, { base: 0, stride: strides({ [b]: O * H * W, [o]: H * W, [y]: W, [x]: 1 }) }, 0)],
        },
      },
    };
    const given = [noise(B * C * H * W, 3), noise(O * C * 9, 4), new Float32Array(B * O * H * W)];
    const wanted = runByInterpreter(kernel, given)[2];
    const swapped: Kernel = {
      ...kernel,
      body: { ...kernel.body, m: [b, y, x], n: [o], a: image, b: weight } as Kernel['body'],
    };
    for (const variant of [kernel, swapped]) {
      const got = runOnCpu(variant, given)[2];
      got.forEach((value, i) => expect(Math.abs(value - wanted[i])).toBeLessThan(1e-5));
    }
  });

  it('the same bits whatever ran before', () => {
    const given = [noise(33 * 70, 1), noise(70 * 21, 2), new Float32Array(33 * 21)];
    const kernel = matmul(33, 21, 70, false, true);
    const first = runOnCpu(kernel, given)[2];
    check(64, 64, 700, true, false, true);
    expect(runOnCpu(kernel, given)[2]).toEqual(first);
    expect(runOnCpu(kernel, given, [], cpuDevice({ relaxedSimd: false }))[2]).toEqual(first);
  });
});
