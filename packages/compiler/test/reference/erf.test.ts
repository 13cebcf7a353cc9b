import { expect, it } from 'vitest';
import { erf } from '../../src/reference/erf.js';

it('is within 5·2⁻⁵³ of the error function', () => {
  const known = [
    [1e-10, 1.1283791670955126e-10],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [2.5, 0.999593047982555],
    [2.9999, 0.9999778955735178],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [5, 0.9999999999984626],
  ];
  for (const [x, y] of known) {
    expect(Math.abs(erf(x) - y)).toBeLessThanOrEqual(5 * 2 ** -53 * y);
    expect(erf(-x)).toBe(-erf(x));
  }
});

it('keeps 0, ±∞ and NaN', () => {
  expect(erf(0)).toBe(0);
  expect(erf(-0)).toBe(-0);
  expect(erf(Infinity)).toBe(1);
  expect(erf(-6)).toBe(-1);
  expect(erf(NaN)).toBe(NaN);
  expect(erf(5e-324)).toBeGreaterThan(0);
});
