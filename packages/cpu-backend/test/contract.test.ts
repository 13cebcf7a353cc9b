import { describe, expect, it } from 'vitest';
import type { Contract, Inst, Kernel } from '@kindling/compiler';
import { cpuDevice } from '../src/device.js';
import { affine, apply, cells, device, load, read, runByInterpreter, runOnCpu, set, write } from './harness.js';
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

  /** out[b, o, y, x] = Σ in[b, c, stride·y + dy − 1, stride·x + dx − 1] · w[o, c, dy, dx]; images as m, n or batches. */
  function convolution(size: [number, number, number, number, number], stride: number, images: 'm' | 'n' | 'batch') {
    const [B, C, O, H, W] = size;
    const [h, wide] = [stride * H, stride * W];
    const axes = [B, O, H, W, C, 3, 3];
    const [b, o, y, x, c, dy, dx] = [0, 1, 2, 3, 4, 5, 6];
    const strides = (of: Record<number, number>) => axes.map((_, axis) => of[axis] ?? 0);
    const inside = (a: number, d: number, limit: number) => ({
      at: { base: -1, stride: strides({ [a]: stride, [d]: 1 }) },
      lo: 0,
      hi: limit,
    });
    const index = {
      base: -wide - 1,
      stride: strides({ [b]: C * h * wide, [c]: h * wide, [y]: stride * wide, [x]: stride, [dy]: wide, [dx]: 1 }),
    };
    const bounds = [inside(y, dy, h), inside(x, dx, wide)];
    const image = { code: [{ op: 'load', at: { buffer: 0, index, bounds }, dtype: 'float32' } as Inst], out: 0 };
    const weight = { code: [load(1, { base: 0, stride: strides({ [o]: C * 9, [c]: 9, [dy]: 3, [dx]: 1 }) })], out: 0 };
    const places = images === 'batch' ? [y, x] : [b, y, x];
    const operands = images === 'm' ? { m: places, n: [o], a: image, b: weight } : { m: [o], n: places, a: weight, b: image }; // prettier-ignore
    const kernel: Kernel = {
      axes,
      buffers: [read(), read(), write()],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: images === 'batch' ? [b] : [],
        ...operands,
        k: [c, dy, dx],
        dtype: 'float32',
        epilogue: {
          code: [{ op: 'acc', dtype: 'float32' }],
          stores: [set(2, { base: 0, stride: strides({ [b]: O * H * W, [o]: H * W, [y]: W, [x]: 1 }) }, 0)],
        },
      },
    };
    return { kernel, given: [noise(B * C * h * wide, 3), noise(O * C * 9, 4), new Float32Array(B * O * H * W)] };
  }
  const near = (got: ArrayLike<number>, wanted: ArrayLike<number>) => {
    for (let i = 0; i < wanted.length; i++) expect(Math.abs(got[i] - wanted[i])).toBeLessThan(1e-5);
  };

  for (const images of ['m', 'n', 'batch'] as const) {
    it(`a convolution: padded windows, images along ${images}`, () => {
      for (const [size, stride] of [
        [[2, 3, 5, 7, 6], 1], // lines of 6
        [[2, 3, 5, 4, 3], 1], // too short to go line by line
        [[1, 2, 4, 1, 1], 1], // nothing but edges
        [[3, 2, 3, 17, 19], 1], // blocks that begin and end within lines
        [[2, 2, 3, 9, 8], 2],
      ] as [[number, number, number, number, number], number][]) {
        const { kernel, given } = convolution(size, stride, images);
        near(runOnCpu(kernel, given)[2], runByInterpreter(kernel, given)[2]);
      }
    });
  }

  /** Padded windows over images as one operand: forward, gradient of the images, gradient of the weights. */
  function windowed(
    of: 'forward' | 'images' | 'weights',
    [B, C, O, H, W, size]: [number, number, number, number, number, number],
    stride = 1,
    isBiasPadded = false,
  ) {
    const [h, wide] = [stride * H, stride * W];
    // axes: image, channel of the windows, channel of the others, place, place within a window
    const axes = [B, C, O, H, W, size, size];
    const [b, c, o, y, x, dy, dx] = axes.keys();
    const strides = (of: Record<number, number>) => axes.map((_, axis) => of[axis] ?? 0);
    const pad = size >> 1;
    const inside = (a: number, d: number, limit: number) => ({
      at: { base: -pad, stride: strides({ [a]: stride, [d]: 1 }) },
      lo: 0,
      hi: limit,
    });
    const at = { [b]: C * h * wide, [c]: h * wide, [y]: stride * wide, [x]: stride, [dy]: wide, [dx]: 1 };
    const index = { base: -pad * wide - pad, stride: strides(at) };
    const bounds = [inside(y, dy, h), inside(x, dx, wide)];
    const image = { code: [{ op: 'load', at: { buffer: 0, index, bounds }, dtype: 'float32' } as Inst], out: 0 };
    const area = size * size;
    const weightAt = {
      forward: { base: 0, stride: strides({ [o]: C * area, [c]: area, [dy]: size, [dx]: 1 }) },
      images: { base: area - 1, stride: strides({ [c]: O * area, [o]: area, [dy]: -size, [dx]: -1 }) },
      weights: { base: 0, stride: strides({ [b]: O * H * W, [o]: H * W, [y]: W, [x]: 1 }) },
    }[of];
    const weight = { code: [load(1, weightAt)], out: 0 };
    const isWeights = of === 'weights';
    const to = isWeights ? { [o]: C * area, [c]: area, [dy]: size, [dx]: 1 } : { [b]: O * H * W, [o]: H * W, [y]: W, [x]: 1 }; // prettier-ignore
    const result = { base: 0, stride: strides(to) };
    const channel = { base: 0, stride: strides({ [o]: 1 }) };
    const bias = load(3, channel) as Inst & { op: 'load' };
    const code: Inst[] = [
      { op: 'acc', dtype: 'float32' },
      isBiasPadded ? { ...bias, at: { ...bias.at, bounds: [{ at: channel, lo: 1, hi: O - 1 }] } } : bias,
      apply('add', 'float32', 0, 1),
    ];
    const kernel: Kernel = {
      axes,
      buffers: [read(), read(), write(), read()],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: isWeights ? [] : [b],
        m: [o],
        n: isWeights ? [c, dy, dx] : [y, x],
        k: isWeights ? [b, y, x] : [c, dy, dx],
        a: weight,
        b: image,
        dtype: 'float32',
        epilogue: { code, stores: [set(2, result, 2)] },
      },
    };
    const results = isWeights ? O * C * area : B * O * H * W;
    const others = isWeights ? B * O * H * W : O * C * area;
    return { kernel, given: [noise(B * C * h * wide, 3), noise(others, 4), new Float32Array(results), noise(O, 5)] };
  }

  /** The same with two axes for an even number of the others' channels, of which the second is the outer one. */
  function split(kernel: Kernel): Kernel {
    const o = 2;
    const half = kernel.axes[o] / 2;
    const copy = JSON.parse(JSON.stringify(kernel), (key, value: number[]) => (key === 'stride' ? [...value, value[o] * half] : value)) as Kernel; // prettier-ignore
    const axes = [...kernel.axes, 2];
    return {
      ...copy,
      axes: axes.map((length, axis) => (axis === o ? half : length)),
      body: { ...copy.body, m: [o, kernel.axes.length] } as Contract,
    };
  }

  for (const of of ['forward', 'images', 'weights'] as const)
    it(`windows read in place: ${of}`, async () => {
      for (const [size, stride] of [
        [[3, 20, 17, 7, 6, 3], 1],
        [[1, 9, 8, 16, 5, 3], 1],
        [[2, 70, 16, 4, 4, 3], 1], // sums in several blocks
        [[9, 4, 24, 6, 14, 5], 1],
        [[2, 16, 30, 5, 3, 3], 2],
        [[40, 4, 12, 8, 8, 3], 1], // images in several blocks
        [[1, 5, 8, 21, 21, 3], 1],
      ] as [[number, number, number, number, number, number], number][]) {
        for (const isBiasPadded of [false, true]) {
          const { kernel: whole, given } = windowed(of, size, stride, isBiasPadded);
          const kernel = size[2] % 2 > 0 ? whole : split(whole);
          const [got, wanted] = [runOnCpu(kernel, given)[2], runByInterpreter(kernel, given)[2]];
          const most = Math.max(...wanted.map(Math.abs));
          got.forEach((value, i) => {
            if (!(Math.abs(value - wanted[i]) < 1e-5 * most)) expect.fail(`${of} ${size.join()}: [${i}] is ${value}, not ${wanted[i]}`); // prettier-ignore
          });
        }
      }
      const { kernel } = windowed(of, [40, 32, 12, 8, 8, 3]);
      expect(await device.source!(device.compile(kernel))).toContain('a windows');
    });

  it('windows whose copy lies on both sides of 2 GiB', () => {
    const far = cpuDevice({ relaxedSimd: false });
    const { kernel, given } = windowed('forward', [3, 20, 17, 7, 6, 3]);
    const others = matmul(256, 96, 130, true, true, false);
    far.allocate(2 ** 31 - 4096);
    far.compile(others);
    // leaves other numbers where the zeros around the copy are to be
    runOnCpu(others, [noise(256 * 130, 1), noise(130 * 96, 2), new Float32Array(256 * 96)], [], far);
    expect(runOnCpu(kernel, given, [], far)[2]).toEqual(runOnCpu(kernel, given)[2]);
  });

  it('an A that is the same in every batch, turned', () => {
    // B images of K × N, times the transpose of one K × M
    const [B, M, N, K] = [3, 7, 10, 20];
    const axes = [B, M, N, K];
    const kernel: Kernel = {
      axes,
      buffers: [read(), read(), write()],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: [0],
        m: [1],
        n: [2],
        k: [3],
        dtype: 'float32',
        a: { code: [load(0, affine(0, 0, 1, 0, M)), apply('neg', 'float32', 0)], out: 1 },
        b: { code: [load(1, affine(0, K * N, 0, 1, N))], out: 0 },
        epilogue: { code: [{ op: 'acc', dtype: 'float32' }], stores: [set(2, affine(0, M * N, N, 1, 0), 0)] },
      },
    };
    const given = [noise(K * M, 3), noise(B * K * N, 4), new Float32Array(B * M * N)];
    near(runOnCpu(kernel, given)[2], runByInterpreter(kernel, given)[2]);
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
