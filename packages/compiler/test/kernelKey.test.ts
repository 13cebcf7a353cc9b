import { describe, expect, it } from 'vitest';
import { kernelKey } from '../src/kernelKey.js';
import { affine, elementwise, literal, set, write } from './kernelParts.js';

const holding = (value: number) => elementwise([4], [write()], [literal(value)], [set(0, affine(0, 1), 0)]);

describe('the key of a kernel', () => {
  it('is the same for equal kernels, and differs for all literals', () => {
    const values = [0, -0, 1, NaN, Infinity, -Infinity];
    const keys = values.map((value) => kernelKey(holding(value)));
    expect(new Set(keys).size).toBe(values.length);
    expect(values.map((value) => kernelKey(holding(value)))).toEqual(keys);
  });
});
