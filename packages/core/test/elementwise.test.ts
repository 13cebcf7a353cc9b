import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DType, Tensor, tensor } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const f = Math.fround;
const one = (x: number, dtype: DType = 'float64'): Tensor => tensor([x], { dtype });
const list = (t: Tensor): number[] => Array.from(t.dataSync());
const of = (...xs: number[]): Tensor => tensor(xs, { dtype: 'float64' });

describe('operations on one tensor', () => {
  const cases: [string, (x: Tensor) => Tensor, number[], number[]][] = [
    ['neg', (x) => x.neg(), [1.5, 0, -Infinity, NaN], [-1.5, -0, Infinity, NaN]],
    ['abs', (x) => x.abs(), [-1.5, 2, -Infinity, NaN], [1.5, 2, Infinity, NaN]],
    ['sign', (x) => x.sign(), [-3, 0, 0.1, Infinity, NaN], [-1, 0, 1, 1, 0]],
    ['sqrt', (x) => x.sqrt(), [4, 0, -1, Infinity], [2, 0, NaN, Infinity]],
    ['exp', (x) => x.exp(), [0, 1, -Infinity, 1000], [1, Math.E, 0, Infinity]],
    ['log', (x) => x.log(), [1, Math.E, 0, -1], [0, 1, -Infinity, NaN]],
    ['sin', (x) => x.sin(), [0, 1, Infinity], [0, Math.sin(1), NaN]],
    ['cos', (x) => x.cos(), [0, 1, Infinity], [1, Math.cos(1), NaN]],
    ['tanh', (x) => x.tanh(), [0, 1, -100], [0, Math.tanh(1), -1]],
    ['floor', (x) => x.floor(), [1.7, -1.2, 2], [1, -2, 2]],
    ['ceil', (x) => x.ceil(), [1.2, -1.7, 2], [2, -1, 2]],
    ['round', (x) => x.round(), [0.5, 1.5, 2.5, -1.5, 2.4], [0, 2, 2, -2, 2]],
    ['trunc', (x) => x.trunc(), [1.7, -1.7], [1, -1]],
    ['pow 0', (x) => x.pow(0), [3, 0, NaN], [1, 1, 1]],
    ['pow 1', (x) => x.pow(1), [3, -2], [3, -2]],
    ['pow 2', (x) => x.pow(2), [3, -2], [9, 4]],
    ['pow 3', (x) => x.pow(3), [3, -2], [27, -8]],
    ['pow 4', (x) => x.pow(4), [3, -2], [81, 16]],
    ['pow -1', (x) => x.pow(-1), [4, 0], [0.25, Infinity]],
    ['pow -2', (x) => x.pow(-2), [2, -0.5], [0.25, 4]],
    ['pow ½', (x) => x.pow(0.5), [9, -1], [3, NaN]],
    ['pow -½', (x) => x.pow(-0.5), [4, 0], [0.5, Infinity]],
    ['pow 5', (x) => x.pow(5), [2, -2], [32, -32]],
    ['pow 1.5', (x) => x.pow(1.5), [4, -1], [8, NaN]],
  ];
  it.each(cases)('%s', (_, operation, input, output) => {
    expect(list(operation(of(...input)))).toEqual(output);
  });

  it('erf', () => {
    expect(list(of(0, 0.5, -Infinity).erf())).toEqual([0, expect.closeTo(0.5204998778130465, 15), -1]);
  });

  it('rounds float32 once', () => {
    expect(list(tensor([0.1]).exp())).toEqual([f(Math.exp(f(0.1)))]);
    expect(list(tensor([0.1]).add(0.2))).toEqual([f(f(0.1) + f(0.2))]);
  });

  it('makes float32 of integers where the result is not one', () => {
    const x = tensor(Int32Array.of(4, 9));
    expect(x.sqrt().dtype).toBe('float32');
    expect(list(x.sqrt())).toEqual([2, 3]);
    expect(x.neg().dtype).toBe('int32');
    expect(x.floor()).toMatchObject({ dtype: 'int32' });
    expect(list(tensor([true, false]).neg())).toEqual([-1, 0]);
    expect(tensor([true]).neg().dtype).toBe('int32');
    expect(tensor([true]).exp().dtype).toBe('float32');
  });
});

describe('operations on two operands', () => {
  const cases: [string, (a: Tensor, b: Tensor) => Tensor, number[], number[], number[]][] = [
    ['add', (a, b) => a.add(b), [1, Infinity, NaN], [2.5, -Infinity, 1], [3.5, NaN, NaN]],
    ['sub', (a, b) => a.sub(b), [1, Infinity], [2.5, Infinity], [-1.5, NaN]],
    ['mul', (a, b) => a.mul(b), [3, 0], [-2, Infinity], [-6, NaN]],
    ['div', (a, b) => a.div(b), [1, 1, -1, 0], [4, 0, 0, 0], [0.25, Infinity, -Infinity, NaN]],
    ['mod', (a, b) => a.mod(b), [7, -7, 7, -7, 5.5], [3, 3, -3, -3, 2], [1, 2, -2, -1, 1.5]],
    ['pow', (a, b) => a.pow(b), [2, 4, -1, 0, 1], [10, 0.5, 0.5, -1, NaN], [1024, 2, NaN, Infinity, 1]],
    ['lt', (a, b) => a.lt(b), [1, 2, NaN], [2, 2, 1], [1, 0, 0]],
    ['le', (a, b) => a.le(b), [1, 2, NaN], [2, 2, 1], [1, 1, 0]],
    ['gt', (a, b) => a.gt(b), [3, 2, NaN], [2, 2, 1], [1, 0, 0]],
    ['ge', (a, b) => a.ge(b), [1, 2, NaN], [2, 2, 1], [0, 1, 0]],
    ['eq', (a, b) => a.eq(b), [1, 2, NaN], [2, 2, NaN], [0, 1, 0]],
    ['ne', (a, b) => a.ne(b), [1, 2, NaN], [2, 2, NaN], [1, 0, 1]],
  ];
  it.each(cases)('%s', (_, operation, a, b, output) => {
    expect(list(operation(of(...a), of(...b)))).toEqual(output);
  });
  it.each(cases)('%s with a number', (_, operation, a, b, output) => {
    a.forEach((x, i) => {
      // the signature is of tensors for the table only
      expect(list(operation(one(x), b[i] as unknown as Tensor))).toEqual([output[i]]);
    });
  });

  it('comparisons give bool', () => {
    expect(tensor([1]).lt(2).dtype).toBe('bool');
    expect(tensor([1]).gt(2).dtype).toBe('bool');
  });

  it('integers wrap, and divide to float32', () => {
    const x = tensor(Int32Array.of(2147483647, -7));
    expect(list(x.add(1))).toEqual([-2147483648, -6]);
    expect(list(x.mul(2))).toEqual([-2, -14]);
    expect(x.div(2)).toMatchObject({ dtype: 'float32' });
    expect(list(tensor(Int32Array.of(7, -7)).div(2))).toEqual([3.5, -3.5]);
    expect(list(tensor(Int32Array.of(7, -7)).mod(3))).toEqual([1, 2]);
    expect(list(tensor(Int32Array.of(3, -3)).pow(2))).toEqual([9, 9]);
    const power = tensor(Int32Array.of(3, -3, 7)).pow(19);
    expect(power.dtype).toBe('int32');
    expect(list(power)).toEqual([1162261467, -1162261467, Number(BigInt.asIntN(32, 7n ** 19n))]);
    expect(list(tensor(Uint32Array.of(0)).sub(1))).toEqual([4294967295]);
    expect(list(tensor(Uint32Array.of(5)).add(-1))).toEqual([4]);
  });

  it('logic is logical for bool and bitwise for integers', () => {
    const [a, b] = [tensor([true, true, false, false]), tensor([true, false, true, false])];
    expect(list(a.and(b))).toEqual([1, 0, 0, 0]);
    expect(list(a.or(b))).toEqual([1, 1, 1, 0]);
    expect(list(a.xor(b))).toEqual([0, 1, 1, 0]);
    expect(list(a.not())).toEqual([0, 0, 1, 1]);
    const [x, y] = [tensor(Int32Array.of(12)), tensor(Int32Array.of(10))];
    expect([x.and(y), x.or(y), x.xor(y), x.not()].map(list)).toEqual([[8], [14], [6], [-13]]);
    expect(list(tensor(Int32Array.of(-8)).shr(1))).toEqual([-4]);
    expect(list(tensor(Uint32Array.of(0x80000000)).shr(31))).toEqual([1]);
    expect(list(tensor(Int32Array.of(3)).shl(2))).toEqual([12]);
    expect(tensor([true]).shl(2)).toMatchObject({ dtype: 'int32' });
    expect(list(tensor([true]).shl(2))).toEqual([4]);
  });

  it('logic on floats says to compare first', () => {
    expect(() => tensor([1]).and(tensor([2]))).toThrow('and: needs bool or integers, got float32 and float32; compare');
    expect(() => tensor([1]).not()).toThrow('not: needs bool or integers, got float32');
  });
});

describe('broadcasting', () => {
  it('aligns at the last dimension', () => {
    const x = tensor([[1, 2, 3], [4, 5, 6]]); // prettier-ignore
    expect(list(x.add(tensor([10, 20, 30])))).toEqual([11, 22, 33, 14, 25, 36]);
    expect(list(x.add(tensor([[10], [20]])))).toEqual([11, 12, 13, 24, 25, 26]);
    expect(tensor([[1], [2]]).mul(tensor([1, 2, 3])).shape).toEqual([2, 3]);
    expect(list(tensor([[1], [2]]).mul(tensor([1, 2, 3])))).toEqual([1, 2, 3, 2, 4, 6]);
    expect(tensor(2).add(x).shape).toEqual([2, 3]);
    expect(tensor([], { shape: [0, 3] }).add(tensor([1, 2, 3])).shape).toEqual([0, 3]);
  });
  it('names the shapes that do not fit', () => {
    expect(() => tensor([1, 2]).add(tensor([1, 2, 3]))).toThrow(
      'add: shapes [2] and [3] do not broadcast: dimension -1 is 2 and 3; sizes must be equal or 1',
    );
    expect(() => tensor([1, 2]).gt(tensor([1, 2, 3]))).toThrow('gt: shapes');
  });
});

describe('dtypes of the result', () => {
  const of: Record<string, Tensor> = {
    bool: tensor([true]),
    int32: tensor(Int32Array.of(1)),
    uint32: tensor(Uint32Array.of(1)),
    float32: tensor([1]),
    float64: tensor(Float64Array.of(1)),
  };
  it.each([
    ['bool', 'bool', 'int32'],
    ['bool', 'int32', 'int32'],
    ['bool', 'uint32', 'uint32'],
    ['bool', 'float32', 'float32'],
    ['int32', 'int32', 'int32'],
    ['int32', 'float32', 'float32'],
    ['uint32', 'float64', 'float64'],
    ['float32', 'float64', 'float64'],
  ])('%s + %s is %s', (a, b, dtype) => {
    expect(of[a].add(of[b]).dtype).toBe(dtype);
    expect(of[b].add(of[a]).dtype).toBe(dtype);
    expect(list(of[a].add(of[b]))).toEqual([2]);
  });
  it.each([
    ['bool', 1, 'int32'],
    ['bool', 0.5, 'float32'],
    ['int32', 1, 'int32'],
    ['int32', 0.5, 'float32'],
    ['uint32', 2, 'uint32'],
    ['float32', 0.5, 'float32'],
    ['float64', 0.5, 'float64'],
  ])('%s + the number %s is %s', (a, number, dtype) => {
    expect(of[a].add(number).dtype).toBe(dtype);
    expect(list(of[a].add(number))).toEqual([1 + number]);
  });
  it('does not guess between int32 and uint32', () => {
    expect(() => of['int32'].add(of['uint32'])).toThrow("int32 and uint32 do not mix; cast one with to('int32')");
  });
  it('keeps float64 numbers exact', () => {
    expect(list(of['float64'].mul(0.1))).toEqual([0.1]);
  });
});

describe('casts', () => {
  it('saturates and truncates to integers', () => {
    const x = of(2.7, -2.7, 3e9, -3e9, NaN, Infinity);
    expect(list(x.to('int32'))).toEqual([2, -2, 2147483647, -2147483648, 0, 2147483647]);
    expect(list(x.to('uint32'))).toEqual([2, 0, 3000000000, 0, 0, 4294967295]);
    expect(list(x.to('bool'))).toEqual([1, 1, 1, 1, 1, 1]);
    expect(list(of(0, -0).to('bool'))).toEqual([0, 0]);
  });
  it('rounds to float32, and keeps the bits between integers', () => {
    expect(list(of(0.1).to('float32').to('float64'))).toEqual([f(0.1)]);
    expect(list(tensor(Int32Array.of(-1)).to('uint32'))).toEqual([4294967295]);
  });
  it('is nothing where the dtype is the same', () => {
    const x = of(1);
    expect(x.to('float64').node).toBe(x.node);
  });
});

it('tells that an operand is no tensor', () => {
  expect(() => tensor([1]).add(undefined as never)).toThrow('add: an operand is undefined, not a tensor or a number');
  expect(() => tensor([1]).mul('2' as never)).toThrow('mul: an operand is 2, not a tensor');
});
