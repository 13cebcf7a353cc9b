import type { Inst, ScalarOp } from '@kindling/compiler';
import { scalarOp } from '@kindling/compiler';
import type { DType } from '@kindling/core';
import type { WebgpuDevice } from '../../../packages/webgpu-backend/src/device.js';
import { beforeAll, expect, test } from 'vitest';
import { random } from '../../../packages/cpu-backend/test/randomKernel.js';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { affine, apply, cells, type Cells, elementwise, load, read, runOnGpu, set, ulps, write } from './harness.js';

/** Numbers all over the range but for the smallest (a device may take denormal numbers for 0), around the joins of the functions, and what is special. */
function samples(): Float32Array {
  const spread = Float32Array.from({ length: 60_000 }, (_, i) => bits(i * 71_583));
  const near = [0.625, 1, Math.SQRT1_2, Math.SQRT2, Math.LN2, Math.PI, Math.PI / 2, 100 * Math.PI, 88.72284, -87.33655, 1e5, 1e6]; // prettier-ignore
  const around = near.flatMap((x) => Array.from({ length: 200 }, (_, i) => x + (i - 100) * 1e-7 * Math.abs(x)));
  const usual = Array.from({ length: 20_000 }, (_, i) => (i - 10_000) / 500);
  const special = [Infinity, -Infinity, NaN, 0, -0, 3.4028235e38, -3.4028235e38];
  return Float32Array.from([...spread, ...around, ...usual, ...special].filter((x) => x === 0 || !(Math.abs(x) < 2 ** -100))); // prettier-ignore
}
function bits(pattern: number): number {
  return new Float32Array(Uint32Array.of(pattern).buffer)[0];
}
function integers(dtype: DType): number[] {
  const pick = random(7);
  const special = dtype === 'int32' ? [0, 1, -1, 2, -2, 31, -31, 2147483647, -2147483648] : [0, 1, 2, 31, 32, 2147483648, 4294967295]; // prettier-ignore
  const small = Array.from({ length: 40 }, () => pick(40) - (dtype === 'int32' ? 20 : 0));
  const large = Array.from({ length: 20 }, () => (dtype === 'int32' ? pick(2 ** 32) | 0 : pick(2 ** 32)));
  return [...special, ...small, ...large];
}

gpuSuite('scalar operations', () => {
  let device: WebgpuDevice;
  const all = samples();
  beforeAll(async () => {
    ({ device } = await openDevice());
    return () => device.close();
  });

  async function compute(op: ScalarOp | 'cast', to: DType, from: DType, ...operands: Cells[]): Promise<Cells> {
    const at = affine(0, 1);
    const loads = operands.map((_, i): Inst => load(i, at, from));
    const kernel = elementwise(
      [operands[0].length],
      [...operands.map(() => read(from)), write(to)],
      [...loads, apply(op, to, ...operands.keys())],
      [set(operands.length, at, operands.length)],
    );
    const results = await runOnGpu(device, kernel, [...operands, cells(to, new Array(operands[0].length).fill(0))]);
    return results[operands.length];
  }
  /** Denormal results may be flushed to 0. */
  const far = (got: number, want: number): number =>
    Math.abs(want) < 2 ** -126 && Math.abs(got) <= 2 ** -126 ? 0 : ulps(got, Math.fround(want));

  const unary: [ScalarOp, number][] = [['exp', 2], ['log', 2], ['sin', 3], ['cos', 3], ['tanh', 3], ['erf', 3], ['sqrt', 3], ['floor', 0], ['ceil', 0], ['trunc', 0], ['round', 0], ['abs', 0], ['neg', 0], ['sign', 0]]; // prettier-ignore
  for (const [op, limit] of unary)
    test(`${op} is within ${limit} ulp`, async () => {
      const exact = scalarOp(op, 'float64');
      const got = await compute(op, 'float32', 'float32', all);
      all.forEach((x, i) => {
        const want = exact(x, 0, 0);
        if (far(got[i], want) > limit) expect.fail(`${op}(${x}) is ${got[i]}, not ${Math.fround(want)}`);
      });
    });

  const pick = random(3);
  const pairs = 30_000;
  const wide = [
    ...Array.from({ length: pairs }, () => all[pick(all.length)]),
    ...Array.from({ length: pairs }, () => Math.fround((pick(2 ** 20) / 2 ** 17) ** 3)),
  ];
  const other = [
    ...Array.from({ length: pairs }, () => all[pick(all.length)]),
    ...Array.from({ length: pairs }, () => Math.fround(pick(2 ** 20) / 2 ** 14 - 32)),
  ];
  const specials = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2.5, 2 ** 99, -(2 ** 99)];
  wide.push(...specials.flatMap((a) => specials.map(() => a)));
  other.push(...specials.flatMap(() => specials));
  const binary: [ScalarOp, number][] = [['pow', 4], ['mod', 1], ['add', 0], ['sub', 0], ['mul', 0], ['div', 3], ['max', 0], ['min', 0]]; // prettier-ignore
  for (const [op, limit] of binary)
    test(`${op} is within ${limit} ulp`, async () => {
      const exact = scalarOp(op, 'float64');
      const got = await compute(op, 'float32', 'float32', cells('float32', wide), cells('float32', other));
      wide.forEach((a, i) => {
        const want = exact(a, other[i], 0);
        if (far(got[i], want) > limit) expect.fail(`${op}(${a}, ${other[i]}) is ${got[i]}, not ${Math.fround(want)}`);
      });
    });
  for (const op of ['lt', 'le', 'eq', 'ne'] as const)
    test(`${op} of floats is exact, of NaN too`, async () => {
      const got = await compute(op, 'bool', 'float32', cells('float32', wide), cells('float32', other));
      const exact = scalarOp(op, 'float32');
      wide.forEach((a, i) => {
        if (got[i] !== exact(a, other[i], 0)) expect.fail(`${op}(${a}, ${other[i]}) is ${got[i]}`);
      });
    });

  const integerOps = ['add', 'sub', 'mul', 'div', 'mod', 'pow', 'max', 'min', 'lt', 'le', 'eq', 'ne', 'and', 'or', 'xor', 'shl', 'shr', 'neg', 'abs', 'sign', 'not'] as const; // prettier-ignore
  const unaryOps = new Set<ScalarOp>(['neg', 'abs', 'sign', 'not']);
  for (const dtype of ['int32', 'uint32'] as const)
    test(`${dtype} is exact`, async () => {
      const values = integers(dtype);
      const [a, b] = [values.flatMap((x) => values.map(() => x)), values.flatMap(() => values)];
      for (const op of integerOps) {
        const result = ['lt', 'le', 'eq', 'ne'].includes(op) ? 'bool' : dtype;
        const operands = (unaryOps.has(op) ? [a] : [a, b]).map((list) => cells(dtype, list));
        const got = await compute(op, result, dtype, ...operands);
        const exact = scalarOp(op, dtype);
        a.forEach((x, i) => {
          if (got[i] !== exact(x, b[i], 0)) expect.fail(`${op}(${x}, ${b[i]}) is ${got[i]}, not ${exact(x, b[i], 0)}`);
        });
      }
    });

  test('casts of floats truncate and saturate, and NaN is 0', async () => {
    const x = Float32Array.of(NaN, Infinity, -Infinity, 2147483520, 2147483648, -2147483648, -3e9, 4294967040, 4294967296, 1e20, -0.9, 0.9, -7.6, 7.6); // prettier-ignore
    const asInt = [0, 2147483647, -2147483648, 2147483520, 2147483647, -2147483648, -2147483648, 2147483647, 2147483647, 2147483647, 0, 0, -7, 7]; // prettier-ignore
    const asUint = [0, 4294967295, 0, 2147483520, 2147483648, 0, 0, 4294967040, 4294967295, 4294967295, 0, 0, 0, 7];
    expect([...(await compute('cast', 'int32', 'float32', x))]).toEqual(asInt);
    expect([...(await compute('cast', 'uint32', 'float32', x))]).toEqual(asUint);
  });

  test('random bits are those of the specification', async () => {
    const words = (seed: number) => Uint32Array.from({ length: 1000 }, random(seed).bind(undefined, 2 ** 32));
    const keys = [words(1), words(2), words(3)];
    const got = await compute('random', 'uint32', 'uint32', ...keys);
    const exact = scalarOp('random', 'uint32');
    got.forEach((x, i) => expect(x).toBe(exact(keys[0][i], keys[1][i], keys[2][i])));
  });
});
