import { spawnSync } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Kernel } from '@kindling/compiler';
import { cpuDevice } from '../src/device.js';
import { cpu } from '../src/index.js';
import { requestRelaxedSimd, requestRevectorization } from '../src/engineOptions.js';
import {
  affine,
  apply,
  cells,
  elementwise,
  literal,
  load,
  read,
  runByInterpreter,
  runOnCpu,
  set,
  write,
} from './harness.js';
import { check, matmul, noise } from './matmul.js';

const can = Number.parseInt(process.versions.node) >= 24 && process.arch === 'x64';
/** Code for such an engine, on whatever engine this is. */
requestRelaxedSimd();
const paired = cpuDevice({ relaxedSimd: true, revectorize: true });

it.skipIf(can)('where the engine cannot, it says what is needed', async () => {
  expect(() => requestRevectorization()).toThrow(/needs Node 24 or newer on an x64 processor, and this is Node/);
  await expect(cpu({ revectorize: true })).rejects.toThrow('revectorize');
});

describe('code written for pairs of vectors', () => {
  it('tiles of 6 × 16, and every edge of them', async () => {
    expect(await paired.source!(paired.compile(matmul(48, 64, 64, false, false)))).toContain('tile 6 × 16');
    for (const ta of [false, true])
      for (const tb of [false, true]) {
        for (const n of [1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 40]) check(13, n, 11, ta, tb, true, paired);
        for (const k of [1, 2, 3, 4, 5, 1030]) check(12, 33, k, ta, tb, k % 2 > 0, paired);
        check(100, 257, 65, ta, tb, true, paired);
      }
  });

  it('elements in pairs, from a kernel with two results', () => {
    const { kernel, given } = twoResults(1003);
    expect(runOnCpu(kernel, given, [], paired)).toEqual(runByInterpreter(kernel, given));
  });

  it('what calls the host first clears the registers', () => {
    const x = Float64Array.from({ length: 37 }, (_, i) => i / 5 - 3);
    const code = [load(0, affine(0, 1), 'float64'), apply('exp', 'float64', 0)];
    const kernel = elementwise([x.length], [read('float64'), write('float64')], code, [set(1, affine(0, 1), 1)]);
    expect(runOnCpu(kernel, [x, new Float64Array(37)], [], paired)[1]).toEqual(x.map(Math.exp));
    expect(Buffer.from(paired.compile(kernel).passes[0].module).includes('clearUpperHalves')).toBe(true);
  });
});

/** 2x + 1 and (2x + 1)². */
function twoResults(length: number) {
  const code = [
    load(0, affine(0, 1)),
    literal(2),
    apply('mul', 'float32', 0, 1),
    literal(1),
    apply('add', 'float32', 2, 3),
    apply('mul', 'float32', 4, 4),
  ];
  const stores = [set(1, affine(0, 1), 4), set(2, affine(0, 1), 5)];
  const kernel = elementwise([length], [read(), write(), write()], code, stores);
  return { kernel, given: [noise(length, 3), new Float32Array(length), new Float32Array(length)] };
}

describe.skipIf(!can)('V8 with its option (Node 24 or newer, x64)', () => {
  /** What V8 says about a kernel's functions. */
  function trace(kernel: Kernel): string {
    const [{ module }] = paired.compile(kernel).passes;
    const optimise = ['--no-liftoff', '--no-wasm-tier-up', '--no-wasm-lazy-compilation'];
    const flags = ['--experimental-wasm-revectorize', '--trace-wasm-revectorize', ...optimise];
    const script = `new WebAssembly.Module(Buffer.from('${Buffer.from(module).toString('base64')}', 'base64'))`;
    return spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
  }

  it('makes 256-bit operations of tiles and of elements', () => {
    for (const kernel of [
      matmul(48, 64, 64, false, false),
      matmul(48, 64, 64, true, true, true),
      twoResults(4096).kernel,
    ])
      expect(trace(kernel)).toContain('Decide to vectorize');
  });

  it('the same numbers, and functions of the host as fast as before', async () => {
    const backend = await cpu({ revectorize: true, threads: 2 });
    await backend.close();
    const device = cpuDevice({ relaxedSimd: true, revectorize: true });
    for (const size of [1, 7, 33, 130]) check(size, 2 * size, size + 3, size % 2 > 0, size % 3 > 0, true, device);
    const { kernel, given } = twoResults(1003);
    const [, sums] = runByInterpreter(kernel, given);
    expect(runOnCpu(kernel, given, [], device)[1]).toEqual(sums);

    const product = matmul(96, 96, 96, false, false);
    const buffers = [0, 1, 2].map(() => device.allocate(4 * 96 * 96));
    const executable = device.compile(product);
    const exponentials = () => {
      const begin = performance.now();
      for (let i = 0, sum = 0; i < 500; i++) sum += Math.exp(i * 1e-3 + sum * 1e-9);
      return performance.now() - begin;
    };
    const run = () => device.run(executable, buffers, new Float64Array(0));
    // until both are compiled by the optimising compiler
    for (let i = 0; i < 3000; i++) {
      run();
      exponentials();
    }
    const least = (before: () => void) => {
      const times = Array.from({ length: 500 }, () => {
        before();
        return exponentials();
      });
      return Math.min(...times);
    };
    expect(least(run)).toBeLessThan(1.8 * least(() => {}));
  });

  it('sums of integers beside other reductions', () => {
    requestRevectorization();
    // nothing runs before the optimising compiler has been at it
    for (const flag of ['--no-liftoff', '--no-wasm-tier-up']) setFlagsFromString(flag);
    const device = cpuDevice({ relaxedSimd: true, revectorize: true });
    const length = 260;
    for (const dtype of ['int32', 'uint32'] as const)
      for (const other of ['max', 'argmax', 'sum'] as const)
        for (const rows of [3, 33]) {
          const reduces = [other, 'sum' as const].map((op) => ({ op, value: 0 }));
          const code = reduces.map(({ op }, reduce) => ({ op: 'prior' as const, block: 0, reduce, dtype: op === 'argmax' ? 'int32' as const : dtype })); // prettier-ignore
          const stores = code.map((_, r) => set(r + 1, affine(0, 1, 0), r));
          const kernel: Kernel = {
            axes: [rows, length],
            buffers: [read(dtype), ...code.map((inst) => write(inst.dtype))],
            scalars: [],
            segmented: false,
            body: {
              kind: 'loops',
              outer: [0],
              blocks: [
                { inner: [1], code: [load(0, affine(0, length, 1), dtype)], reduces, stores: [] },
                { inner: [], code, reduces: [], stores },
              ],
            },
          };
          const x = cells(
            dtype,
            Array.from({ length: rows * length }, (_, i) => (i * 7919) % 13),
          );
          const given = [x, ...code.map((inst) => cells(inst.dtype, new Float32Array(rows)))];
          expect(runOnCpu(kernel, given, [], device), `${dtype} ${other} ${rows}`).toEqual(runByInterpreter(kernel, given)); // prettier-ignore
        }
  });
});
