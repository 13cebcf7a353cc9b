import { describe, expect, it } from 'vitest';
import type { ScalarOp } from '@kindling/compiler';
import { erf } from '../src/hostMath.js';
import { affine, apply, cells, elementwise, load, read, runOnCpu, set, ulps, write } from './harness.js';

/** Every float32 pattern a step apart, and what is special. */
function samples(): Float32Array {
  const bits = Uint32Array.from({ length: 400_000 }, (_, i) => i * 10_737);
  const near = [
    0,
    1,
    Math.SQRT1_2,
    Math.SQRT2,
    Math.LN2,
    Math.PI,
    Math.PI / 2,
    0.625,
    88.72284,
    -87.33655,
    -103.97,
    1e5,
    1e6,
  ];
  const around = near.flatMap((x) =>
    Array.from({ length: 400 }, (_, i) => x + (i - 200) * 1e-7 * Math.max(1, Math.abs(x))),
  );
  const special = [Infinity, -Infinity, NaN, -0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38];
  const usual = Array.from({ length: 50_000 }, (_, i) => (i - 25_000) / 500);
  return new Float32Array([...new Float32Array(bits.buffer), ...special, ...around, ...usual]);
}

function unary(op: ScalarOp, x: Float32Array): Float32Array {
  const kernel = elementwise(
    [x.length],
    [read(), write()],
    [load(0, affine(0, 1)), apply(op, 'float32', 0)],
    [set(1, affine(0, 1), 1)],
  );
  return runOnCpu(kernel, [x, new Float32Array(x.length)])[1] as Float32Array;
}

const all = samples();

describe('float32 functions', () => {
  const limits: [ScalarOp, (x: number) => number, number][] = [
    ['exp', Math.exp, 2],
    ['log', Math.log, 2],
    ['sin', Math.sin, 2],
    ['cos', Math.cos, 2],
    ['tanh', Math.tanh, 2],
    ['erf', erf, 2],
    ['sqrt', Math.sqrt, 0],
    ['floor', Math.floor, 0],
    ['trunc', Math.trunc, 0],
  ];
  for (const [op, exact, limit] of limits) {
    it(`${op} is within ${limit} ulp`, () => {
      const got = unary(op, all);
      let worst = 0;
      let at = 0;
      for (let i = 0; i < all.length; i++) {
        const distance = ulps(got[i], Math.fround(exact(all[i])));
        if (distance > worst) [worst, at] = [distance, i];
      }
      expect(worst, `${op}(${all[at]}) = ${got[at]}, not ${exact(all[at])}`).toBeLessThanOrEqual(limit);
    });
  }

  it('keeps the sign of zero where it must', () => {
    const zeros = Float32Array.of(-0, 0);
    for (const op of ['tanh', 'erf', 'neg'] as const) {
      const got = unary(op, zeros);
      expect(Object.is(got[0], op === 'neg' ? 0 : -0), op).toBe(true);
    }
  });
});

describe('erf of float64', () => {
  it('has reference values', () => {
    // from tables of the error function
    const table: [number, number][] = [
      [0.1, 0.1124629160182849],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [1.5, 0.9661051464753108],
      [2, 0.9953222650189527],
      [2.5, 0.9995930479825551],
      [3, 0.9999779095030014],
      [4, 0.9999999845827421],
    ];
    for (const [x, value] of table) {
      expect(Math.abs(erf(x) - value)).toBeLessThan(3e-16);
      expect(erf(-x)).toBe(-erf(x));
    }
    expect([erf(Infinity), erf(-Infinity), erf(NaN), erf(0)]).toEqual([1, -1, NaN, 0]);
  });

  it('is what kernels compute', () => {
    const x = Float64Array.of(-3, -0.5, 0, 0.3, 2.7);
    const code = [load(0, affine(0, 1), 'float64'), apply('erf', 'float64', 0)];
    const kernel = elementwise([5], [read('float64'), write('float64')], code, [set(1, affine(0, 1), 1)]);
    expect([...runOnCpu(kernel, [x, cells('float64', Array(5).fill(0))])[1]]).toEqual([...x].map(erf));
  });
});
