import { describe, expect, it } from 'vitest';
import type { Block, Inst, Kernel } from '@kindling/compiler';
import { cpuDevice } from '../src/device.js';
import {
  affine,
  apply,
  cells,
  device,
  elementwise,
  literal,
  load,
  read,
  readwrite,
  runByInterpreter,
  runOnCpu,
  set,
  write,
} from './harness.js';

const prior = (block: number, reduce = 0): Inst => ({ op: 'prior', block, reduce, dtype: 'float32' });

function loops(axes: number[], outer: number[], blocks: Block[], buffers: Kernel['buffers']): Kernel {
  return { axes, buffers, scalars: [], segmented: false, body: { kind: 'loops', outer, blocks } };
}

describe('what is out of bounds', () => {
  const cases = [1, 2, 3, -1, 40].flatMap((step) =>
    [4, 7, 29].flatMap((width) => [-9, -2, 0, 1, 3].map((first) => ({ step, width, first }))),
  );

  it.each(['float32', 'float64', 'int32', 'bool'] as const)('is 0, whatever lies there: rows of %s', (dtype) => {
    // element first + step·x + y of a line, of which those from 3 to 20 are there, for rows 1 to 3
    const [rows, lo, hi, margin] = [5, 3, 20, 64];
    const value = (i: number) => (dtype === 'bool' ? 1 : i);
    const around = dtype.startsWith('float') ? NaN : 9;
    const line = cells(dtype, Array.from({ length: hi + 2 * margin }, (_, i) => (i < margin + lo || i >= margin + hi ? around : value(i)))); // prettier-ignore
    for (const { step, width, first } of cases) {
      const bounds = [
        { at: affine(first, 1, step), lo, hi },
        { at: affine(0, 1, 0), lo: 1, hi: 4 },
      ];
      const code: Inst[] = [{ op: 'load', dtype, at: { buffer: 0, index: affine(first + margin, 1, step), bounds } }];
      const kernel = loops(
        [rows, width],
        [0, 1],
        [{ inner: [], code, reduces: [], stores: [set(1, affine(0, width, 1), 0)] }],
        [
          { dtype, use: 'read' },
          { dtype, use: 'write' },
        ],
      );
      const [, got] = runOnCpu(kernel, [line, cells(dtype, new Float32Array(rows * width).fill(7))]);
      const wanted = Array.from({ length: rows * width }, (_, i) => {
        const [y, x] = [Math.floor(i / width), i % width];
        const place = first + step * x + y;
        return place >= lo && place < hi && y >= 1 && y < 4 ? value(place + margin) : 0;
      });
      expect([...got], `${dtype}, step ${step}, width ${width}, first ${first}`).toEqual(wanted);
    }
  });

  it.each([
    ['before', -1, 1],
    ['before, backwards', 1, -1],
  ])('also where a buffer at the begin of the memory is read %s', (_, shift, step) => {
    const length = 9000;
    const at = affine(shift * length, step);
    const kernel = elementwise(
      [2 * length],
      [read(), write()],
      [
        { op: 'load', dtype: 'float32', at: { buffer: 0, index: at, bounds: [{ at, lo: 0, hi: length }] } },
        load(0, affine(step > 0 ? 0 : 2 * length - 1, step)),
        apply('add', 'float32', 0, 1),
      ],
      [set(1, affine(0, 1), 2)],
    );
    const given = [Float32Array.from({ length: 2 * length }, (_, i) => i), new Float32Array(2 * length)];
    const fresh = cpuDevice({ relaxedSimd: false });
    expect(runOnCpu(kernel, given, [], fresh)).toEqual(runByInterpreter(kernel, given));
  });
});

describe('sums', () => {
  it('of 10⁷ times 0.1 keep six digits', () => {
    const n = 10_000_000;
    const kernel = loops(
      [n],
      [],
      [
        { inner: [0], code: [load(0, affine(0, 1))], reduces: [{ op: 'sum', value: 0 }], stores: [] },
        { inner: [], code: [prior(0)], reduces: [], stores: [set(1, affine(0, 0), 0)] },
      ],
      [read(), write()],
    );
    const [, sum] = runOnCpu(kernel, [new Float32Array(n).fill(0.1), new Float32Array(1)]);
    expect(Math.abs(sum[0] / 1e6 - 1)).toBeLessThan(1e-6);
  });

  it('of columns and over several axes are as accurate', () => {
    const [rows, columns] = [200_000, 5];
    const values = new Float32Array(rows * columns).fill(0.1);
    const over = (index: number[], outer: number[], inner: number[], length: number, at: number[]) =>
      runOnCpu(
        loops(
          [rows, columns],
          outer,
          [
            { inner, code: [load(0, affine(0, ...index))], reduces: [{ op: 'sum', value: 0 }], stores: [] },
            { inner: [], code: [prior(0)], reduces: [], stores: [set(1, affine(0, ...at), 0)] },
          ],
          [read(), write()],
        ),
        [values, new Float32Array(length)],
      )[1];
    for (const sum of over([columns, 1], [1], [0], columns, [0, 1])) expect(Math.abs(sum / 2e4 - 1)).toBeLessThan(1e-6);
    // strides that do not let the axes be one
    for (const sum of over([1, rows], [], [0, 1], 1, [0, 0])) expect(Math.abs(sum / 1e5 - 1)).toBeLessThan(1e-6);
  });

  it('do not depend on what a row lies beside', () => {
    const row = Float32Array.from({ length: 1003 }, (_, i) => Math.sin(i) * 10 ** ((i % 7) - 3));
    const sums = (rows: number) =>
      runOnCpu(
        loops(
          [rows, 1003],
          [0],
          [
            { inner: [1], code: [load(0, affine(0, 1003, 1))], reduces: [{ op: 'sum', value: 0 }], stores: [] },
            { inner: [], code: [prior(0)], reduces: [], stores: [set(1, affine(0, 1, 0), 0)] },
          ],
          [read(), write()],
        ),
        [Float32Array.from({ length: rows * 1003 }, (_, i) => row[i % 1003]), new Float32Array(rows)],
      )[1];
    expect(new Set([...sums(2), ...sums(7)]).size).toBe(1);
  });
});

it('softmax: three blocks over the same rows', () => {
  const [rows, columns] = [5, 37];
  const shifted = [load(0, affine(0, columns, 1)), prior(0), apply('sub', 'float32', 0, 1), apply('exp', 'float32', 2)];
  const kernel = loops(
    [rows, columns],
    [0],
    [
      { inner: [1], code: [load(0, affine(0, columns, 1))], reduces: [{ op: 'max', value: 0 }], stores: [] },
      { inner: [1], code: shifted, reduces: [{ op: 'sum', value: 3 }], stores: [] },
      {
        inner: [1],
        code: [...shifted, prior(1), apply('div', 'float32', 3, 4)],
        reduces: [],
        stores: [set(1, affine(0, columns, 1), 5)],
      },
    ],
    [read(), write()],
  );
  const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i) * 20);
  x[3] = NaN;
  const [, got] = runOnCpu(kernel, [x, new Float32Array(x.length)]);
  for (let r = 0; r < rows; r++) {
    const row = [...x.subarray(r * columns, (r + 1) * columns)];
    const top = Math.max(...row);
    // the difference is rounded to float32 before the exponential makes that rounding a relative one
    const exponentials = row.map((v) => Math.exp(Math.fround(v - top)));
    const total = exponentials.reduce((sum, e) => sum + e, 0);
    exponentials.forEach((e, c) => {
      const want = e / total;
      const value = got[r * columns + c];
      if (r === 0) expect(value).toBeNaN();
      else expect(Math.abs(value - want)).toBeLessThanOrEqual(6e-7 * want);
    });
  }
});

describe('loops in parts', () => {
  it('do not cut an axis that an earlier block goes through as a whole', () => {
    const [rows, length] = [3, 6];
    const x = load(0, affine(0, length, 1));
    const found: Inst = { op: 'prior', block: 0, reduce: 0, dtype: 'int32' };
    const blocks: Block[] = [
      { inner: [1], code: [x], reduces: [{ op: 'argmin', value: 0 }], stores: [] },
      {
        inner: [1],
        code: [x, found, apply('cast', 'float32', 1), apply('add', 'float32', 0, 2)],
        reduces: [{ op: 'max', value: 3 }],
        stores: [],
      },
      { inner: [], code: [prior(1)], reduces: [], stores: [set(1, affine(0, 1, 0), 0)] },
    ];
    const kernel = loops([rows, length], [0], blocks, [read(), write()]);
    const given = [Float32Array.from({ length: rows * length }, (_, i) => -i), new Float32Array(rows)];
    const inParts = cpuDevice({ relaxedSimd: false, split: 2 });
    expect(runOnCpu(kernel, given, [], inParts)).toEqual(runOnCpu(kernel, given));
  });
});

describe('random bits', () => {
  /** Threefry-2x32 with 20 rounds. */
  function threefry(key: [number, number], counter: [number, number]): [number, number] {
    const keys = [key[0], key[1], key[0] ^ key[1] ^ 0x1bd11bda];
    const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
    let [a, b] = [(counter[0] + key[0]) | 0, (counter[1] + key[1]) | 0];
    for (let round = 0; round < 20; round++) {
      a = (a + b) | 0;
      const by = rotations[round % 8];
      b = ((b << by) | (b >>> (32 - by))) ^ a;
      if (round % 4 !== 3) continue;
      const turn = (round + 1) / 4;
      a = (a + keys[turn % 3]) | 0;
      b = (b + keys[(turn + 1) % 3] + turn) | 0;
    }
    return [a >>> 0, b >>> 0];
  }

  it('the reference has the published answers', () => {
    expect(threefry([0, 0], [0, 0])).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry([0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff])).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])).toEqual([0xc4923a9c, 0x483df7a0]);
  });

  it('are those of the reference', () => {
    const code: Inst[] = [
      { op: 'scalar', arg: 0, dtype: 'uint32' },
      { op: 'scalar', arg: 1, dtype: 'uint32' },
      load(0, affine(0, 1), 'uint32'),
      apply('random', 'uint32', 0, 1, 2),
    ];
    const counters = [0, 1, 2, 0xffffffff, 0x243f6a88, 7, 8];
    const kernel = elementwise(
      [7],
      [read('uint32'), write('uint32')],
      code,
      [set(1, affine(0, 1), 3)],
      ['uint32', 'uint32'],
    );
    for (const key of [
      [0, 0],
      [0x13198a2e, 0x03707344],
      [0xffffffff, 0xffffffff],
    ] as [number, number][]) {
      const [, got] = runOnCpu(kernel, [cells('uint32', counters), cells('uint32', Array(7).fill(0))], key);
      expect([...got]).toEqual(counters.map((counter) => threefry(key, [counter, 0])[0]));
    }
  });
});

describe('segments', () => {
  // p -= rate · g, m = m · decay + g
  const code: Inst[] = [
    load(0, affine(0, 1)),
    load(1, affine(0, 1)),
    load(2, affine(0, 1)),
    { op: 'scalar', arg: 0, dtype: 'float32' },
    { op: 'scalar', arg: 1, dtype: 'float32' },
    apply('mul', 'float32', 1, 3),
    apply('sub', 'float32', 0, 5),
    apply('mul', 'float32', 2, 4),
    apply('add', 'float32', 7, 1),
    load(3, affine(0, 0)),
    apply('mul', 'float32', 8, 9),
  ];
  const kernel: Kernel = {
    axes: [0],
    buffers: [readwrite(), read(), readwrite(), read()],
    scalars: ['float32', 'float32'],
    segmented: true,
    body: {
      kind: 'loops',
      outer: [0],
      blocks: [{ inner: [], code, reduces: [], stores: [set(0, affine(0, 1), 6), set(2, affine(0, 1), 10)] }],
    },
  };
  const lengths = [1, 0, 16, 3, 7, 130];
  const given = lengths.flatMap((n, s) => [
    Float32Array.from({ length: n + 2 }, (_, i) => i + s),
    Float32Array.from({ length: n + 2 }, (_, i) => i % 3),
    Float32Array.from({ length: n + 2 }, () => 4),
    Float32Array.of(2),
  ]);
  const numbers = lengths.flatMap((n, s) => [n, 0.5 * s, 0.25]);

  function expectUpdated(got: readonly ArrayLike<number>[], times = 1): void {
    lengths.forEach((n, s) => {
      const [p, g, m] = [0, 1, 2].map((i) => Float32Array.from(given[4 * s + i])) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      for (let t = 0; t < times; t++) {
        for (let i = 0; i < n; i++) {
          p[i] -= 0.5 * s * g[i];
          m[i] = 2 * (m[i] * 0.25 + g[i]);
        }
      }
      expect([...Float32Array.from(got[4 * s])]).toEqual([...p]);
      expect([...Float32Array.from(got[4 * s + 2])]).toEqual([...m]);
    });
  }

  it('are updated each with its own numbers, and nothing beyond', () => {
    expectUpdated(runOnCpu(kernel, given, numbers));
  });

  it('are updated when recorded, with the numbers of the run', () => {
    const buffers = given.map((array) => {
      const buffer = device.allocate(array.byteLength);
      device.write(buffer, 0, new Uint8Array(array.buffer));
      return buffer;
    });
    const recording = device.record!([
      { executable: device.compile(kernel), buffers, scalars: { from: 1, count: numbers.length } },
    ]);
    for (let t = 0; t < 2; t++) recording.run(Float64Array.of(-1, ...numbers));
    expectUpdated(
      given.map((array, i) => new Float32Array(device.readSync(buffers[i], 0, array.byteLength).buffer)),
      2,
    );
    recording.free!();
    for (const buffer of buffers) device.free(buffer);
  });
});

describe('indirections', () => {
  const gather = (rows: number, columns: number, wanted: number): Kernel => ({
    axes: [wanted, columns],
    buffers: [read('int32'), read(), write(), readwrite('int32')],
    scalars: [],
    segmented: false,
    body: {
      kind: 'loops',
      outer: [0, 1],
      blocks: [
        {
          inner: [],
          code: [
            load(0, affine(0, 1, 0), 'int32'),
            {
              op: 'load',
              at: { buffer: 1, index: affine(0, 0, 1), by: [{ value: 0, stride: columns, limit: rows, fault: 3 }] },
              dtype: 'float32',
            },
          ],
          reduces: [],
          stores: [set(2, affine(0, columns, 1), 1)],
        },
      ],
    },
  });
  const table = Float32Array.from({ length: 4 * 9 }, (_, i) => i);

  it('gather rows and leave the fault cell alone', () => {
    const got = runOnCpu(gather(4, 9, 3), [Int32Array.of(3, 0, 3), table, new Float32Array(27), Int32Array.of(0)]);
    expect([...got[2]]).toEqual([3, 0, 3].flatMap((r) => [...table.subarray(r * 9, r * 9 + 9)]));
    expect(got[3][0]).toBe(0);
  });

  it('clamp what is out of range and note it', () => {
    const got = runOnCpu(gather(4, 9, 2), [Int32Array.of(-5, 4), table, new Float32Array(18), Int32Array.of(0)]);
    expect([...got[2]]).toEqual([0, 3].flatMap((r) => [...table.subarray(r * 9, r * 9 + 9)]));
    expect(got[3][0]).toBe(1);
  });

  it('scatter counts every meeting', () => {
    const kernel: Kernel = {
      axes: [10],
      buffers: [read('int32'), readwrite(), readwrite('int32')],
      scalars: [],
      segmented: false,
      body: {
        kind: 'loops',
        outer: [0],
        blocks: [
          {
            inner: [],
            code: [load(0, affine(0, 1), 'int32'), literal(1)],
            reduces: [],
            stores: [
              {
                at: { buffer: 1, index: affine(0, 0), by: [{ value: 0, stride: 1, limit: 3, fault: 2 }] },
                value: 1,
                mode: 'add',
              },
            ],
          },
        ],
      },
    };
    const got = runOnCpu(kernel, [
      Int32Array.of(0, 1, 1, 1, 2, 2, 2, 2, 0, 1),
      Float32Array.of(10, 0, 0),
      Int32Array.of(0),
    ]);
    expect([...got[1]]).toEqual([12, 4, 4]);
  });
});

it('integers never trap', () => {
  const a = [7, -7, 7, -7, -2147483648, 5, 0, -2147483648];
  const b = [2, 2, -2, -2, -1, 0, 0, 1];
  for (const [op, want] of [
    ['div', [3, -3, -3, 3, -2147483648, 0, 0, -2147483648]],
    ['mod', [1, 1, -1, -1, 0, 0, 0, 0]],
  ] as const) {
    const code = [load(0, affine(0, 1), 'int32'), load(1, affine(0, 1), 'int32'), apply(op, 'int32', 0, 1)];
    const kernel = elementwise([8], [read('int32'), read('int32'), write('int32')], code, [set(2, affine(0, 1), 2)]);
    expect([...runOnCpu(kernel, [cells('int32', a), cells('int32', b), new Int32Array(8)])[2]]).toEqual(want);
  }
});

it('lanes lie along an axis however much is computed, also in kernels that are not segmented', async () => {
  const code = [load(0, affine(0, 128, 1)), apply('exp', 'float32', 0)];
  const kernel = elementwise([3, 64], [read(), write()], code, [set(1, affine(0, 64, 1), 1)]);
  expect(await device.source!(device.compile(kernel))).toContain('along a1');
});

describe('every second element', () => {
  const values = (length: number) => Float32Array.from({ length }, (_, i) => ((i * 7919) % 1009) / 504 - 1);

  it('is gathered from whole vectors', () => {
    for (const length of [1, 3, 4, 5, 21, 64]) {
      // the last element read is the last of the array
      const code = [load(0, affine(0, 2)), load(0, affine(2 * length - 1, -1)), apply('sub', 'float32', 0, 1)];
      const kernel = elementwise([length], [read(), write()], code, [set(1, affine(0, 1), 2)]);
      const given = [values(2 * length), new Float32Array(length)];
      expect(runOnCpu(kernel, given)).toEqual(runByInterpreter(kernel, given));
    }
  });

  it('is put twice, where an array is spread', async () => {
    // b[y, x, j] = a[y, x] · c[y, x, j], and its sum for each y
    for (const [lines, length] of [
      [1, 1],
      [3, 2],
      [2, 7],
      [5, 14],
      [2, 33],
    ]) {
      const code = [
        load(0, affine(0, length, 1, 0)),
        load(1, affine(0, 2 * length, 2, 1)),
        apply('mul', 'float32', 0, 1),
      ];
      const block = { inner: [1, 2], code, reduces: [{ op: 'sum' as const, value: 2 }], stores: [set(2, affine(0, 2 * length, 2, 1), 2)] }; // prettier-ignore
      const total = { inner: [], code: [{ op: 'prior', block: 0, reduce: 0, dtype: 'float32' } as Inst], reduces: [], stores: [set(3, affine(0, 1, 0, 0), 0)] }; // prettier-ignore
      const kernel: Kernel = {
        axes: [lines, length, 2],
        buffers: [read(), read(), write(), write()],
        scalars: [],
        segmented: false,
        body: { kind: 'loops', outer: [0], blocks: [block, total] },
      };
      const given = [values(lines * length), values(2 * lines * length), new Float32Array(2 * lines * length), new Float32Array(lines)]; // prettier-ignore
      const [got, wanted] = [runOnCpu(kernel, given), runByInterpreter(kernel, given)];
      expect(got[2]).toEqual(wanted[2]);
      got[3].forEach((sum, i) => expect(sum).toBeCloseTo(wanted[3][i], 5));
      if (length === 33) expect(await device.source!(device.compile(kernel))).toContain('a1<66 (lanes');
      // by lines: the lanes lie across
      const across: Kernel = {
        ...kernel,
        axes: [64, 2, 2],
        body: { kind: 'loops', outer: [0, 1, 2], blocks: [{ ...block, inner: [], code: code.slice(0, 1).concat(load(1, affine(0, 1, 64, 128)), code[2]), reduces: [], stores: [set(2, affine(0, 1, 128, 64), 2)] }] }, // prettier-ignore
      };
      const some = [values(64 * length + 1), values(256), new Float32Array(256), new Float32Array(1)];
      expect(runOnCpu(across, some)[2]).toEqual(runByInterpreter(across, some)[2]);
    }
  });
});
