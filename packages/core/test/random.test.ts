import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  bernoulli,
  manualSeed,
  rand,
  randint,
  randn,
  randomBits,
  randomState,
  setRandomState,
  type Tensor,
  uniform,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));
beforeEach(() => {
  manualSeed(0);
});

const list = (t: Tensor): number[] => Array.from(t.dataSync());
const mean = (xs: number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
/** The mean of (x − about)ᵖ. */
const moment = (xs: number[], p: number, about = 0): number => mean(xs.map((x) => (x - about) ** p));

describe('random bits', () => {
  it('are Threefry-2x32 of (seed, draw) and the position', () => {
    // the first is the known answer of Random123 for a key and a counter of zeros
    expect(list(randomBits([4]))).toEqual([0x6b200159, 1351547692, 1688610540, 3098264785]);
    expect(list(randomBits([2, 2]))).toEqual([507451445, 1110694964, 1958986954, 4229539695]);
    manualSeed(4294967295);
    expect(list(randomBits([2]))).toEqual([1092667846, 813509526]);
    expect(randomBits([3])).toMatchObject({ dtype: 'uint32', shape: [3] });
  });
  it('do not depend on the shape', () => {
    const flat = list(randomBits([6]));
    manualSeed(0);
    expect(list(randomBits([2, 3]))).toEqual(flat);
    expect(list(randomBits([0]))).toEqual([]);
  });
  it('have each bit half of the time', () => {
    const bits = list(randomBits([4000]));
    for (let b = 0; b < 32; b++) expect(mean(bits.map((x) => (x >>> b) & 1))).toBeCloseTo(0.5, 1);
  });
});

describe('the state', () => {
  it('is a seed and a count of draws', () => {
    const first = list(rand([5]));
    expect(list(rand([5]))).not.toEqual(first);
    manualSeed(0);
    expect(list(rand([5]))).toEqual(first);
    manualSeed(1);
    expect(list(rand([5]))).not.toEqual(first);
  });
  it('can be put back', () => {
    rand([1]);
    const state = randomState();
    expect(state).toEqual({ seed: 0, counter: 1 });
    const next = list(rand([5]));
    setRandomState(state);
    expect(list(rand([5]))).toEqual(next);
  });
  it('is that of the draw, not of the read', () => {
    const a = rand([5]);
    const b = rand([5]);
    const [late, early] = [list(b), list(a)];
    manualSeed(0);
    expect([list(rand([5])), list(rand([5]))]).toEqual([early, late]);
  });
  it('takes 32-bit seeds', () => {
    for (const bad of [-1, 1.5, 2 ** 32, NaN])
      expect(() => {
        manualSeed(bad);
      }).toThrow(`manualSeed: the seed must be an integer from 0 to 4294967295, got ${bad}`);
  });
});

describe('distributions', () => {
  const n = 20_000;
  it('rand is uniform in [0, 1)', () => {
    const xs = list(rand([n]));
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThan(1);
    // the moments of a uniform variable are 1 / (p + 1); three standard errors are about 0.006
    for (const p of [1, 2, 3, 4]) expect(Math.abs(moment(xs, p) - 1 / (p + 1))).toBeLessThan(0.007);
    const counts = new Array<number>(10).fill(0);
    for (const x of xs) counts[Math.floor(x * 10)] += 1;
    const chiSquare = counts.reduce((sum, c) => sum + (c - n / 10) ** 2 / (n / 10), 0);
    expect(chiSquare).toBeLessThan(27.9); // the 0.999 quantile of 9 degrees of freedom
    expect(Math.abs(mean(xs.slice(1).map((x, i) => (x - 0.5) * (xs[i] - 0.5))))).toBeLessThan(0.002);
  });
  it('randn is normal', () => {
    const xs = list(randn([n]));
    for (const [p, expected, tolerance] of [
      [1, 0, 0.022],
      [2, 1, 0.03],
      [3, 0, 0.09],
      [4, 3, 0.21],
    ] as const)
      // prettier-ignore
      expect(Math.abs(moment(xs, p) - expected)).toBeLessThan(tolerance);
    expect(xs.every(Number.isFinite)).toBe(true);
    expect(mean(xs.map((x) => Number(Math.abs(x) < 1)))).toBeCloseTo(0.6827, 1.5);
  });
  it('uniform, randint, bernoulli', () => {
    const u = list(uniform([n], -2, 3));
    expect(Math.min(...u)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...u)).toBeLessThan(3);
    expect(mean(u)).toBeCloseTo(0.5, 1);
    const i = list(randint(-1, 3, [n]));
    expect(new Set(i)).toEqual(new Set([-1, 0, 1, 2]));
    for (const k of [-1, 0, 1, 2]) expect(mean(i.map((x) => Number(x === k)))).toBeCloseTo(0.25, 1);
    const b = list(bernoulli([n], 0.3));
    expect(new Set(b)).toEqual(new Set([0, 1]));
    expect(mean(b)).toBeCloseTo(0.3, 1);
    expect([bernoulli([1], 0), bernoulli([1], 1)].map((t) => t.itemSync())).toEqual([0, 1]);
    expect(() => bernoulli([1], 1.5)).toThrow('bernoulli: p is a probability, from 0 to 1, got 1.5');
    expect(Math.max(...list(randint(0, 2 ** 24, [1000])))).toBeLessThan(2 ** 24);
  });
  it('have the dtype asked for', () => {
    expect(rand([1], { dtype: 'float64' }).dtype).toBe('float64');
    expect(randn([1], { dtype: 'float64' }).dtype).toBe('float64');
    expect(uniform([1], 0, 1, { dtype: 'float64' }).dtype).toBe('float64');
    expect(bernoulli([1], 0.5, { dtype: 'float64' }).dtype).toBe('float64');
    expect(randint(0, 2, [1]).dtype).toBe('int32');
  });
  it('randint says which bounds it takes', () => {
    expect(() => randint(2, 2, [1])).toThrow(
      'randint: needs integers low < high that are at most 2^24 apart, got 2 and 2',
    );
    expect(() => randint(0, 1.5, [1])).toThrow('randint');
    expect(() => randint(0, 2 ** 25, [1])).toThrow('randint');
  });
});
