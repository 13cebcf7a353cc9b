import { expect, it } from 'vitest';
import plugin, { cpu } from '../src/index.js';
import { cpuDevice } from '../src/device.js';
import { requestRelaxedSimd } from '../src/engineOptions.js';
import { hasRelaxedSimd } from '../src/relaxedSimd.js';
import { affine, apply, elementwise, load, read, runOnCpu, set, ulps, write } from './harness.js';
import { check } from './matmul.js';

it('relaxed SIMD can be had in Node, and gives the same within rounding', () => {
  requestRelaxedSimd();
  expect(hasRelaxedSimd()).toBe(true);
  const relaxed = cpuDevice({ relaxedSimd: true });
  for (const size of [1, 7, 33, 130]) check(size, 2 * size, size + 3, size % 2 > 0, size % 3 > 0, true, relaxed);
  const x = Float32Array.from({ length: 40_000 }, (_, i) => (i - 20_000) / 200);
  for (const op of ['exp', 'log', 'tanh', 'erf', 'sin'] as const) {
    const exact = runOnCpu(unary(op, x.length), [x, new Float32Array(x.length)])[1];
    runOnCpu(unary(op, x.length), [x, new Float32Array(x.length)], [], relaxed)[1].forEach((value, i) => {
      if (ulps(value, exact[i]) > 3) expect.fail(`${op}(${x[i]}) = ${value}, without relaxed SIMD ${exact[i]}`);
    });
  }
});

function unary(op: 'exp' | 'log' | 'tanh' | 'erf' | 'sin', length: number) {
  const code = [load(0, affine(0, 1)), apply(op, 'float32', 0)];
  return elementwise([length], [read(), write()], code, [set(1, affine(0, 1), 1)]);
}

it('the package provides the backend', async () => {
  expect(plugin.provides).toEqual([cpu]);
  const backend = await cpu();
  expect([backend.name, backend.dtypes.has('float64')]).toEqual(['cpu', true]);
  await backend.close();
});
