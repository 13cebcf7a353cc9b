import type { DType } from '@kindling/core';
import { describe, expect, it } from 'vitest';
import { interpretKernel, type Contract, type Inst, type Kernel, type ReduceOp, type ScalarOp } from '../src/index.js';
import { add, affine, apply, elementwise, load, pack, read, readwrite, set, unpack, write } from './kernelParts.js';

const f = Math.fround;
const none = new Float64Array(0);
const least = -2147483648;
const greatest = 2147483647;
const allOnes = 4294967295;

/** Applies one operation to columns of operands. `types` are those of the operands; the first is the result's default. */
function calculate(op: ScalarOp | 'cast' | 'bitcast', types: DType[], columns: number[][], result: DType = types[0]) {
  const size = columns[0].length;
  const code = [...types.map((dtype, i) => load(i, affine(0, 1), dtype)), apply(op, result, ...types.keys())];
  const buffers = [...types.map(read), write(result)];
  const kernel = elementwise([size], buffers, code, [set(types.length, affine(0, 1), types.length)]);
  const out = pack(result, new Array<number>(size).fill(0));
  interpretKernel(kernel)([...columns.map((column, i) => pack(types[i], column)), out], none);
  return unpack(result, out);
}

describe('scalar operations on floats', () => {
  const unary: [ScalarOp, number[], number[]][] = [
    ['neg', [1.5, -2, 0, NaN], [-1.5, 2, -0, NaN]],
    ['abs', [1.5, -2, -0, -Infinity, NaN], [1.5, 2, 0, Infinity, NaN]],
    ['sign', [3, -0.5, 0, -0, Infinity, NaN], [1, -1, 0, 0, 1, 0]],
    ['floor', [1.7, -1.2, -0, Infinity], [1, -2, -0, Infinity]],
    ['ceil', [1.2, -1.7, -0.5], [2, -1, -0]],
    ['round', [0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6, 0.75], [0, 2, 2, -0, -2, 2, -3, 1]],
    ['round', [-0, 8388609, Infinity, -Infinity, NaN], [-0, 8388609, Infinity, -Infinity, NaN]],
    ['trunc', [1.7, -1.7, -0.2], [1, -1, -0]],
    ['sqrt', [4, 2, -1, Infinity], [2, f(1.4142135623730951), NaN, Infinity]],
    ['exp', [0, 1, -Infinity, 89], [1, f(2.718281828459045), 0, Infinity]],
    ['log', [1, 2, 0, -1], [0, f(0.6931471805599453), -Infinity, NaN]],
    ['sin', [0, 1, Infinity], [0, f(0.8414709848078965), NaN]],
    ['cos', [0, 1], [1, f(0.5403023058681398)]],
    ['tanh', [0, 1, 100, -Infinity], [0, f(0.7615941559557649), 1, -1]],
    ['erf', [0, -0, 1, -1, Infinity, NaN], [0, -0, f(0.8427007929497149), f(-0.8427007929497149), 1, NaN]],
  ];
  it.each(unary)('%s %j', (op, input, output) => {
    expect(calculate(op, ['float32'], [input])).toEqual(output);
    if (op === 'round') expect(calculate(op, ['float64'], [input])).toEqual(output);
  });

  const binary: [ScalarOp, number[], number[], number[]][] = [
    ['add', [1, 16777216, Infinity], [2.5, 1, -Infinity], [3.5, 16777216, NaN]],
    ['sub', [1, 0], [2.5, 0], [-1.5, 0]],
    ['mul', [3, f(0.1), 0, 1e30], [-2, f(0.1), Infinity, 1e30], [-6, f(f(0.1) * f(0.1)), NaN, Infinity]],
    ['div', [1, 1, -1, 0], [3, 0, 0, 0], [f(1 / 3), Infinity, -Infinity, NaN]],
    ['mod', [5, -5, 5, -5, 5.5, 6], [3, 3, -3, -3, 2, 3], [2, 1, -1, -2, 1.5, 0]],
    ['mod', [1, 5, -5, 5, Infinity], [0, Infinity, Infinity, -Infinity, 2], [NaN, 5, Infinity, -Infinity, NaN]],
    ['pow', [2, 2, 4, -8, 0, -2], [10, -1, 0.5, 1 / 3, 0, 3], [1024, 0.5, 2, NaN, 1, -8]],
    ['pow', [1, -1, NaN, 1], [NaN, Infinity, 0, Infinity], [1, 1, 1, 1]],
    ['max', [1, NaN, 1, -Infinity], [2, 1, NaN, 3], [2, NaN, NaN, 3]],
    ['min', [1, NaN, 1, -Infinity], [2, 1, NaN, 3], [1, NaN, NaN, -Infinity]],
  ];
  it.each(binary)('%s %j %j', (op, a, b, output) => {
    expect(calculate(op, ['float32', 'float32'], [a, b])).toEqual(output);
  });

  it('compares; NaN differs from everything', () => {
    const columns = [
      [1, 2, 2, NaN, 0],
      [2, 1, 2, NaN, -0],
    ];
    const compare = (op: ScalarOp) => calculate(op, ['float32', 'float32'], columns, 'bool');
    expect(compare('lt')).toEqual([1, 0, 0, 0, 0]);
    expect(compare('le')).toEqual([1, 0, 1, 0, 1]);
    expect(compare('eq')).toEqual([0, 0, 1, 0, 1]);
    expect(compare('ne')).toEqual([1, 1, 0, 1, 0]);
  });

  it('computes float64 in full', () => {
    expect(calculate('add', ['float64', 'float64'], [[0.1], [0.2]])).toEqual([0.30000000000000004]);
    expect(calculate('exp', ['float64'], [[1]])).toEqual([Math.E]);
  });

  it('computes float16', () => {
    // 1 + 2⁻¹¹ is a tie and goes to the even 1; 1 + 3·2⁻¹¹ to the even 1 + 2⁻⁹; 65504 + 16 is the first to overflow.
    const [one, tie, threeTies, most, sixteen] = [0x3c00, 0x1000, 0x1600, 0x7bff, 0x4c00];
    expect(
      calculate(
        'add',
        ['float16', 'float16'],
        [
          [one, one, most],
          [tie, threeTies, sixteen],
        ],
      ),
    ).toEqual([0x3c00, 0x3c02, 0x7c00]);
    const values = [1, -2, 0.333251953125, 2 ** -24, 2 ** -14, -0, Infinity, 65504];
    const bits = [0x3c00, 0xc000, 0x3555, 1, 0x0400, 0x8000, 0x7c00, 0x7bff];
    expect(calculate('cast', ['float32'], [values], 'float16')).toEqual(bits);
    expect(calculate('cast', ['float16'], [bits], 'float32')).toEqual(values);
    expect(calculate('cast', ['float64'], [[2 ** -25, 2 ** -24 * 1.5, 65519, NaN]], 'float16')).toEqual([
      0, 2, 0x7bff, 0x7e00,
    ]);
    expect(calculate('cast', ['float16'], [[0x7e00]], 'float64')).toEqual([NaN]);
  });
});

describe('scalar operations on integers and bool', () => {
  const cases: [ScalarOp, DType, number[], number[], number[]][] = [
    ['neg', 'int32', [5, least], [], [-5, least]],
    ['neg', 'uint32', [1, 0], [], [allOnes, 0]],
    ['abs', 'int32', [-5, least], [], [5, least]],
    ['sign', 'int32', [-5, 0, 7], [], [-1, 0, 1]],
    ['sign', 'uint32', [0, allOnes], [], [0, 1]],
    ['add', 'int32', [greatest, 2], [1, -3], [least, -1]],
    ['add', 'uint32', [allOnes], [2], [1]],
    ['sub', 'uint32', [1], [2], [allOnes]],
    ['mul', 'int32', [123456789], [987654321], [-67153019]],
    ['mul', 'uint32', [allOnes, 65536], [allOnes, 65536], [1, 0]],
    ['div', 'int32', [7, -7, 7, 5, least], [2, 2, -2, 0, -1], [3, -3, -3, 0, least]],
    ['div', 'uint32', [allOnes, 1], [2, 0], [greatest, 0]],
    ['mod', 'int32', [7, -7, 7, -7, 5, least], [3, 3, -3, -3, 0, -1], [1, 2, -2, -1, 0, 0]],
    ['mod', 'uint32', [allOnes, 1], [10, 0], [5, 0]],
    ['pow', 'int32', [2, -3, 0, 5, 7, 2], [10, 3, 0, 1, 12, 32], [1024, -27, 1, 5, 956385313, 0]],
    ['pow', 'int32', [1, -1, -1, 2, 0], [-5, -2, -3, -1, -1], [1, 1, -1, 0, 0]],
    ['pow', 'uint32', [allOnes, 3], [3, 4], [allOnes, 81]],
    ['max', 'int32', [-1], [1], [1]],
    ['min', 'int32', [-1], [1], [-1]],
    ['max', 'uint32', [allOnes], [1], [allOnes]],
    ['max', 'bool', [0, 1, 0], [0, 0, 1], [0, 1, 1]],
    ['not', 'int32', [0, 5], [], [-1, -6]],
    ['not', 'uint32', [0], [], [allOnes]],
    ['not', 'bool', [0, 1], [], [1, 0]],
    ['and', 'int32', [12], [10], [8]],
    ['or', 'uint32', [0x80000000], [1], [0x80000001]],
    ['xor', 'int32', [12], [10], [6]],
    ['and', 'bool', [0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, 1]],
    ['or', 'bool', [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]],
    ['xor', 'bool', [0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0]],
    ['shl', 'int32', [1, 3], [31, 1], [least, 6]],
    ['shl', 'uint32', [1], [31], [2147483648]],
    ['shr', 'int32', [-8], [1], [-4]],
    ['shr', 'uint32', [allOnes - 7], [1], [2147483644]],
  ];
  it.each(cases)('%s %s %j %j', (op, dtype, a, b, output) => {
    const columns = b.length > 0 ? [a, b] : [a];
    expect(
      calculate(
        op,
        columns.map(() => dtype),
        columns,
      ),
    ).toEqual(output);
  });

  it('compares uint32 without sign', () => {
    expect(calculate('lt', ['uint32', 'uint32'], [[1], [allOnes]], 'bool')).toEqual([1]);
    expect(calculate('lt', ['int32', 'int32'], [[1], [-1]], 'bool')).toEqual([0]);
  });

  it('chooses', () => {
    const columns = [
      [1, 0],
      [1, 2],
      [3, NaN],
    ];
    expect(calculate('where', ['bool', 'float32', 'float32'], columns, 'float32')).toEqual([1, NaN]);
  });

  it('draws the first word of Threefry with the counter in the first word', () => {
    expect(calculate('random', ['uint32', 'uint32', 'uint32'], [[0], [0], [0]])).toEqual([0x6b200159]);
  });
});

describe('conversions', () => {
  const cases: [DType, DType, number[], number[]][] = [
    ['float32', 'int32', [1.9, -1.9, 3e9, -3e9, NaN, Infinity, -0.5], [1, -1, greatest, least, 0, greatest, 0]],
    ['float32', 'uint32', [1.9, -1.9, 5e9, NaN], [1, 0, allOnes, 0]],
    ['float64', 'int32', [2147483646.9], [2147483646]],
    ['float32', 'bool', [0, -0, 0.1, NaN], [0, 0, 1, 1]],
    ['int32', 'bool', [0, 2, -1], [0, 1, 1]],
    ['int32', 'uint32', [-1], [allOnes]],
    ['uint32', 'int32', [allOnes], [-1]],
    ['int32', 'float32', [16777217, -3], [16777216, -3]],
    ['uint32', 'float32', [allOnes], [4294967296]],
    ['bool', 'float32', [0, 1], [0, 1]],
    ['bool', 'int32', [0, 1], [0, 1]],
    ['float64', 'float32', [0.1, 1e300], [f(0.1), Infinity]],
    ['float32', 'float64', [0.1], [f(0.1)]],
  ];
  it.each(cases)('cast %s to %s', (from, to, input, output) => {
    expect(calculate('cast', [from], [input], to)).toEqual(output);
  });

  it('bitcasts', () => {
    expect(calculate('bitcast', ['float32'], [[1, -0]], 'int32')).toEqual([0x3f800000, least]);
    expect(calculate('bitcast', ['uint32'], [[0x7f800000]], 'float32')).toEqual([Infinity]);
    expect(calculate('bitcast', ['int32'], [[-1]], 'uint32')).toEqual([allOnes]);
    expect(calculate('bitcast', ['bool'], [[1]], 'float32')).toEqual([2 ** -149]);
    expect(calculate('bitcast', ['float64'], [[1.5]], 'float64')).toEqual([1.5]);
  });

  it('gives constants, scalars and indices', () => {
    const code: Inst[] = [
      { op: 'const', arg: 0.1, dtype: 'float32' },
      { op: 'scalar', arg: 0, dtype: 'float32' },
      { op: 'scalar', arg: 1, dtype: 'int32' },
      { op: 'index', at: affine(7, 10, -1), dtype: 'int32' },
    ];
    const kernel = elementwise(
      [2, 3],
      [write('float32'), write('float32'), write('int32'), write('int32')],
      code,
      code.map((_, i) => set(i, affine(0, 3, 1), i)),
      ['float32', 'int32'],
    );
    const buffers = code.map(() => new ArrayBuffer(24));
    interpretKernel(kernel)(buffers, Float64Array.of(0.7, -2.5));
    expect(unpack('float32', buffers[0])[5]).toBe(f(0.1));
    expect(unpack('float32', buffers[1])[5]).toBe(f(0.7));
    expect(unpack('int32', buffers[2])[5]).toBe(-2);
    expect(unpack('int32', buffers[3])).toEqual([7, 6, 5, 17, 16, 15]);
  });
});

describe('access', () => {
  it('reads through any strides', () => {
    // The transpose of a 2 × 3 matrix, rows flipped.
    const kernel = elementwise(
      [3, 2],
      [read('float32'), write('float32')],
      [load(0, affine(3, 1, -3))],
      [set(1, affine(0, 2, 1), 0)],
    );
    const out = new ArrayBuffer(24);
    interpretKernel(kernel)([pack('float32', [1, 2, 3, 4, 5, 6]), out], none);
    expect(unpack('float32', out)).toEqual([4, 1, 5, 2, 6, 3]);
  });

  it('gives 0 outside the bounds, without touching memory', () => {
    const bounds = [
      { at: affine(-1, 1), lo: 0, hi: 9 },
      { at: affine(-1, 1), lo: -5, hi: 2 },
    ];
    const kernel = elementwise(
      [4],
      [read('float32'), write('float32')],
      [{ op: 'load', at: { buffer: 0, index: affine(-1, 1), bounds }, dtype: 'float32' }],
      [set(1, affine(0, 1), 0)],
    );
    const out = pack('float32', [9, 9, 9, 9]);
    interpretKernel(kernel)([pack('float32', [5, 6]), out], none);
    expect(unpack('float32', out)).toEqual([0, 5, 6, 0]);
  });

  const gather = elementwise(
    [4],
    [read('int32'), read('float32'), write('float32'), readwrite('int32')],
    [
      load(0, affine(0, 1), 'int32'),
      {
        op: 'load',
        at: { buffer: 1, index: affine(1, 0), by: [{ value: 0, stride: 2, limit: 3, fault: 3 }] },
        dtype: 'float32',
      },
    ],
    [set(2, affine(0, 1), 1)],
  );

  it('gathers', () => {
    const [out, fault] = [new ArrayBuffer(16), new ArrayBuffer(4)];
    const table = pack('float32', [0, 10, 0, 11, 0, 12]);
    interpretKernel(gather)([pack('int32', [2, 0, 1, 2]), table, out, fault], none);
    expect(unpack('float32', out)).toEqual([12, 10, 11, 12]);
    expect(unpack('int32', fault)).toEqual([0]);
  });

  it('clamps an index out of range and sets the fault cell', () => {
    const table = pack('float32', [0, 10, 0, 11, 0, 12]);
    for (const [wild, found] of [
      [3, 12],
      [-1, 10],
    ]) {
      const [out, fault] = [new ArrayBuffer(16), new ArrayBuffer(12)];
      interpretKernel(gather)([pack('int32', [1, wild, 1, 1]), table, out, fault], none);
      expect(unpack('float32', out)).toEqual([11, found, 11, 11]);
      expect(unpack('int32', fault)).toEqual([1, wild, 3]);
    }
  });

  it('scatters: indices that meet all count', () => {
    const scatter = (dtype: DType) =>
      elementwise(
        [5],
        [read('int32'), read(dtype), readwrite(dtype), readwrite('int32')],
        [load(0, affine(0, 1), 'int32'), load(1, affine(0, 1), dtype)],
        [
          {
            ...add(2, affine(0, 0), 1),
            at: { buffer: 2, index: affine(0, 0), by: [{ value: 0, stride: 1, limit: 3, fault: 3 }] },
          },
        ],
      );
    const index = pack('int32', [0, 2, 0, 9, 0]);
    const [out, fault] = [pack('float32', [1, 2, 3]), new ArrayBuffer(4)];
    interpretKernel(scatter('float32'))([index, pack('float32', [1, 2, 4, 8, 16]), out, fault], none);
    expect(unpack('float32', out)).toEqual([22, 2, 13]);
    expect(unpack('int32', fault)).toEqual([1]);
    const integers = pack('int32', [greatest, 2, 3]);
    interpretKernel(scatter('int32'))([index, pack('int32', [1, 2, 4, 8, 16]), integers, fault], none);
    expect(unpack('int32', integers)).toEqual([least + 20, 2, 13]);
    // In float32 each of these would be lost in 2²⁴.
    const large = pack('float32', [2 ** 24, 0, 0]);
    interpretKernel(scatter('float32'))(
      [pack('int32', [0, 0, 0, 0, 1]), pack('float32', [1, 1, 1, 1, 1]), large, fault],
      none,
    );
    expect(unpack('float32', large)).toEqual([2 ** 24 + 4, 1, 0]);
  });

  it('updates in place', () => {
    const kernel = elementwise(
      [3],
      [readwrite('float32')],
      [load(0, affine(0, 1)), apply('add', 'float32', 0, 0)],
      [set(0, affine(0, 1), 1)],
    );
    const data = pack('float32', [1, 2, 3]);
    interpretKernel(kernel)([data], none);
    expect(unpack('float32', data)).toEqual([2, 4, 6]);
  });

  it('throws where a device would leave a buffer, and for a launch that does not fit', () => {
    const kernel = elementwise(
      [3],
      [write('float32')],
      [{ op: 'const', arg: 1, dtype: 'float32' }],
      [set(0, affine(0, 1), 0)],
    );
    expect(() => interpretKernel(kernel)([new ArrayBuffer(8)], none)).toThrow(
      'block 0, store 0: element 2 of buffer 0, which has 2, at axes [2]',
    );
    expect(() => interpretKernel(kernel)([], none)).toThrow(
      'a launch with 0 buffers and 0 scalars of a kernel that takes 1 and 0',
    );
  });

  it('does nothing for an axis of size 0', () => {
    const kernel = elementwise(
      [3, 0],
      [write('float32')],
      [{ op: 'const', arg: 1, dtype: 'float32' }],
      [set(0, affine(0, 1, 1), 0)],
    );
    expect(() => interpretKernel(kernel)([new ArrayBuffer(0)], none)).not.toThrow();
  });
});

describe('blocks', () => {
  /** Reduces a rows × columns matrix along its columns, or along its rows and columns if `outer` is empty. */
  function reduce(op: ReduceOp, dtype: DType, values: number[], columns: number, outer: number[] = [0]): number[] {
    const rows = columns === 0 ? 2 : values.length / columns;
    const result = op === 'argmax' || op === 'argmin' ? 'int32' : dtype;
    const kernel: Kernel = {
      axes: [rows, columns],
      buffers: [read(dtype), write(result)],
      scalars: [],
      segmented: false,
      body: {
        kind: 'loops',
        outer,
        blocks: [
          {
            inner: [0, 1].filter((axis) => !outer.includes(axis)),
            code: [load(0, affine(0, columns, 1), dtype)],
            reduces: [{ op, value: 0 }],
            stores: [],
          },
          {
            inner: [],
            code: [{ op: 'prior', block: 0, reduce: 0, dtype: result }],
            reduces: [],
            stores: [set(1, affine(0, outer.length, 0), 0)],
          },
        ],
      },
    };
    const out = pack(result, outer.length > 0 ? new Array<number>(rows).fill(7) : [7]);
    interpretKernel(kernel)([pack(dtype, values), out], none);
    return unpack(result, out);
  }

  const cases: [ReduceOp, DType, number[], number[]][] = [
    ['sum', 'float32', [1, 2, 3, 4], [3, 7]],
    ['sum', 'float32', [Infinity, -Infinity, 1, NaN], [NaN, NaN]],
    ['sum', 'float32', [2 ** 24, 1, f(0.1), f(0.2)], [2 ** 24, f(f(0.1) + f(0.2))]],
    ['sum', 'float64', [0.1, 0.2, 1, 2], [0.30000000000000004, 3]],
    ['sum', 'int32', [greatest, 1, 3, -4], [least, -1]],
    ['sum', 'uint32', [allOnes, 2, 3, 4], [1, 7]],
    ['prod', 'float32', [2, 3, -4, 0.5], [6, -2]],
    ['prod', 'int32', [65536, 65537, 3, -4], [65536, -12]],
    ['prod', 'uint32', [allOnes, allOnes, 3, 4], [1, 12]],
    ['max', 'float32', [1, 2, NaN, 3], [2, NaN]],
    ['min', 'float32', [1, 2, 3, NaN], [1, NaN]],
    ['max', 'int32', [-5, -3, 1, 0], [-3, 1]],
    ['min', 'uint32', [allOnes, 5, 1, 0], [5, 0]],
    ['max', 'bool', [0, 0, 0, 1], [0, 1]],
    ['argmax', 'float32', [1, 2, 3, 3], [1, 0]],
    ['argmin', 'float32', [1, 2, 3, 3], [0, 0]],
    ['argmin', 'int32', [2, 1, 3, 4], [1, 0]],
  ];
  it.each(cases)('%s of %s %j', (op, dtype, values, output) => {
    expect(reduce(op, dtype, values, 2)).toEqual(output);
  });

  it('finds the first NaN before every extreme', () => {
    const values = [1, NaN, 9, NaN, -9, -Infinity, Infinity, Infinity, 0, -0];
    expect(reduce('argmax', 'float32', values, 5)).toEqual([1, 1]);
    expect(reduce('argmin', 'float32', values, 5)).toEqual([1, 0]);
    expect(reduce('argmax', 'float32', [-Infinity, -Infinity, 1, NaN, NaN, Infinity], 2)).toEqual([0, 1, 0]);
  });

  it('counts positions row-major over several inner axes', () => {
    expect(reduce('argmax', 'float32', [1, 2, 3, 4, 9, 6], 3, [])).toEqual([4]);
    expect(reduce('sum', 'float32', [1, 2, 3, 4, 9, 6], 3, [])).toEqual([25]);
  });

  it('reduces nothing', () => {
    expect(reduce('sum', 'float32', [], 0)).toEqual([0, 0]);
    expect(reduce('prod', 'float32', [], 0)).toEqual([1, 1]);
    expect(reduce('max', 'float32', [], 0)).toEqual([-Infinity, -Infinity]);
    expect(reduce('min', 'float32', [], 0)).toEqual([Infinity, Infinity]);
    expect(reduce('max', 'int32', [], 0)).toEqual([least, least]);
    expect(reduce('min', 'int32', [], 0)).toEqual([greatest, greatest]);
    expect(reduce('max', 'uint32', [], 0)).toEqual([0, 0]);
    expect(reduce('min', 'uint32', [], 0)).toEqual([allOnes, allOnes]);
    expect(reduce('argmax', 'float32', [], 0)).toEqual([0, 0]);
    expect(reduce('argmin', 'float32', [], 0)).toEqual([0, 0]);
  });

  it('runs blocks that share outer rows: softmax', () => {
    const x = load(0, affine(0, 2, 1));
    const prior = (block: number): Inst => ({ op: 'prior', block, reduce: 0, dtype: 'float32' });
    const exponential = [x, prior(0), apply('sub', 'float32', 0, 1), apply('exp', 'float32', 2)];
    const kernel: Kernel = {
      axes: [2, 2],
      buffers: [read('float32'), write('float32'), write('float32')],
      scalars: [],
      segmented: false,
      body: {
        kind: 'loops',
        outer: [0],
        blocks: [
          { inner: [1], code: [x], reduces: [{ op: 'max', value: 0 }], stores: [] },
          { inner: [1], code: exponential, reduces: [{ op: 'sum', value: 3 }], stores: [set(2, affine(0, 2, 1), 3)] },
          {
            inner: [1],
            code: [...exponential, prior(1), apply('div', 'float32', 3, 4)],
            reduces: [],
            stores: [set(1, affine(0, 2, 1), 5)],
          },
        ],
      },
    };
    const [out, exponentials] = [new ArrayBuffer(16), new ArrayBuffer(16)];
    interpretKernel(kernel)([pack('float32', [0, Math.LN2, 1000, 1000]), out, exponentials], none);
    const [a, b, c, d] = unpack('float32', out);
    expect(a).toBeCloseTo(1 / 3, 6);
    expect(b).toBeCloseTo(2 / 3, 6);
    expect([c, d]).toEqual([0.5, 0.5]);
    expect(unpack('float32', exponentials)).toEqual([0.5, 1, 1, 1]);
  });
});

describe('contractions', () => {
  /** a: batch × m × k, b: batch × k × n; acc + bias[n], and the bare acc. Axes batch, m, n, k. */
  function matmul(batch: number, m: number, n: number, k: number, dtype: DType = 'float32'): Kernel {
    const epilogue: Inst[] = [{ op: 'acc', dtype }, load(2, affine(0, 0, 0, 1, 0), dtype), apply('add', dtype, 0, 1)];
    const body: Contract = {
      kind: 'contract',
      batch: [0],
      m: [1],
      n: [2],
      k: [3],
      a: { code: [load(0, affine(0, m * k, k, 0, 1), dtype)], out: 0 },
      b: { code: [load(1, affine(0, k * n, 0, 1, n), dtype)], out: 0 },
      dtype,
      epilogue: {
        code: epilogue,
        stores: [set(3, affine(0, m * n, n, 1, 0), 2), set(4, affine(0, m * n, n, 1, 0), 0)],
      },
    };
    const buffers = [read(dtype), read(dtype), read(dtype), write(dtype), write(dtype)];
    return { axes: [batch, m, n, k], buffers, scalars: [], body, segmented: false };
  }

  it('multiplies matrices, with an epilogue', () => {
    const [out, bare] = [new ArrayBuffer(32), new ArrayBuffer(32)];
    const a = pack('float32', [1, 2, 3, 4, 1, 0, 0, 1]);
    const b = pack('float32', [5, 6, 7, 8, 9, 10, 11, 12]);
    interpretKernel(matmul(2, 2, 2, 2))([a, b, pack('float32', [100, 200]), out, bare], none);
    expect(unpack('float32', bare)).toEqual([19, 22, 43, 50, 9, 10, 11, 12]);
    expect(unpack('float32', out)).toEqual([119, 222, 143, 250, 109, 210, 111, 212]);
  });

  it('wraps integers, and gives 0 for an empty sum', () => {
    const [out, bare] = [new ArrayBuffer(4), new ArrayBuffer(4)];
    const row = pack('int32', [65536, 3]);
    interpretKernel(matmul(1, 1, 1, 2, 'int32'))(
      [row, pack('int32', [65537, -1]), pack('int32', [1]), out, bare],
      none,
    );
    expect(unpack('int32', bare)).toEqual([65533]);
    expect(unpack('int32', out)).toEqual([65534]);
    const empty = new ArrayBuffer(0);
    interpretKernel(matmul(1, 1, 1, 0))([empty, empty, pack('float32', [5]), out, bare], none);
    expect(unpack('float32', bare)).toEqual([0]);
    expect(unpack('float32', out)).toEqual([5]);
  });

  it('convolves: operands are evaluated with bounds and arithmetic', () => {
    // y[i] = Σ_t relu(x)[i + t − 1] · w[t], zero-padded; no batch, no n.
    const bounds = [{ at: affine(-1, 1, 1), lo: 0, hi: 4 }];
    const x: Inst[] = [
      { op: 'load', at: { buffer: 0, index: affine(-1, 1, 1), bounds }, dtype: 'float32' },
      { op: 'const', arg: 0, dtype: 'float32' },
      apply('max', 'float32', 0, 1),
    ];
    const kernel: Kernel = {
      axes: [4, 3],
      buffers: [read('float32'), read('float32'), write('float32')],
      scalars: [],
      segmented: false,
      body: {
        kind: 'contract',
        batch: [],
        m: [0],
        n: [],
        k: [1],
        a: { code: x, out: 2 },
        b: { code: [load(1, affine(0, 0, 1))], out: 0 },
        dtype: 'float32',
        epilogue: { code: [{ op: 'acc', dtype: 'float32' }], stores: [set(2, affine(0, 1, 0), 0)] },
      },
    };
    const out = new ArrayBuffer(16);
    interpretKernel(kernel)([pack('float32', [1, -2, 3, 4]), pack('float32', [1, 10, 100]), out], none);
    expect(unpack('float32', out)).toEqual([10, 301, 430, 43]);
  });

  it('is fast enough for a layer: 64 × 256 × 784', () => {
    const [m, n, k] = [64, 256, 784];
    const ones = (length: number) => pack('float32', new Array<number>(length).fill(1));
    const [out, bare] = [new ArrayBuffer(4 * m * n), new ArrayBuffer(4 * m * n)];
    const start = performance.now();
    interpretKernel(matmul(1, m, n, k))([ones(m * k), ones(k * n), ones(n), out, bare], none);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(new Set(unpack('float32', out))).toEqual(new Set([785]));
  });
});

describe('segmented kernels', () => {
  // p ← p − lr · g for each parameter, with a learning rate per parameter in a buffer of one element and one shared.
  const kernel: Kernel = {
    ...elementwise(
      [0],
      [readwrite('float32'), read('float32'), read('float32')],
      [
        load(0, affine(0, 1)),
        load(1, affine(0, 1)),
        load(2, affine(0, 0)),
        { op: 'scalar', arg: 0, dtype: 'float32' },
        apply('mul', 'float32', 2, 3),
        apply('mul', 'float32', 1, 4),
        apply('sub', 'float32', 0, 5),
      ],
      [set(0, affine(0, 1), 6)],
      ['float32'],
    ),
    segmented: true,
  };

  it('runs over every segment', () => {
    const [p, q, r] = [pack('float32', [1, 2]), pack('float32', [10, 20, 30]), new ArrayBuffer(0)];
    const group = (data: ArrayBuffer, gradient: number[], rate: number) => [
      data,
      pack('float32', gradient),
      pack('float32', [rate]),
    ];
    interpretKernel(kernel)(
      [...group(p, [1, 1], 1), ...group(r, [], 1), ...group(q, [1, 2, 3], 2)],
      Float64Array.of(2, 0.5, 0, 1, 3, 0.25),
    );
    expect(unpack('float32', p)).toEqual([0.5, 1.5]);
    expect(unpack('float32', q)).toEqual([9.5, 19, 28.5]);
  });

  it('refuses a launch whose groups do not fit', () => {
    const one = pack('float32', [1]);
    expect(() => interpretKernel(kernel)([one, one, one, one], Float64Array.of(1, 1))).toThrow(
      'a launch with 4 buffers',
    );
    expect(() => interpretKernel(kernel)([one, one, one], Float64Array.of(1))).toThrow(
      '1 scalars of a kernel that takes 3 and 2',
    );
    expect(() => interpretKernel(kernel)([one, one, one], Float64Array.of(-1, 1))).toThrow('segment 0 has length -1');
  });
});
