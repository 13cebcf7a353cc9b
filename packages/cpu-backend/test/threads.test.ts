import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Inst, Kernel } from '@kindling/compiler';
import { type CpuDevice, cpuDevice, threadedCpuDevice } from '../src/device.js';
import type { Sharing } from '../src/cutProgram.js';
import { chooseThreads } from '../src/chooseThreads.js';
import { affine, apply, elementwise, literal, load, read, readwrite, runOnCpu, set, write } from './harness.js';
import { matmul, noise } from './matmul.js';
import { randomContract, randomLoops } from './randomKernel.js';

/** Everything is shared that can be. */
const eager: Sharing = { step: 0, chunk: 1, program: 0, toWake: 0, toStart: 0, kernels: 50, credit: 0, pause: 0 };
const open: CpuDevice[] = [];
const single = cpuDevice({ relaxedSimd: false });

async function withThreads(threads: number, sharing = eager): Promise<CpuDevice> {
  const device = await threadedCpuDevice({ relaxedSimd: false, threads, sharing });
  open.push(device);
  return device;
}
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((device) => device.close()));
});

type Buffers = ReturnType<typeof runOnCpu>;
/** Bit by bit; `toEqual` takes seconds for long arrays. */
function same(got: Buffers, want: Buffers): boolean {
  return want.every((array, i) => Buffer.compare(Buffer.from(array.buffer), Buffer.from(got[i].buffer)) === 0);
}

const product = matmul(96, 160, 64, false, false, true);
const given = [noise(96 * 64, 1), noise(64 * 160, 2), new Float32Array(96 * 160), noise(160, 3)];

/** Runs until so many threads are there and have helped. */
async function until(device: CpuDevice, present: number, kernel = product, buffers = given): Promise<void> {
  const { helped } = device.threads();
  for (const end = Date.now() + 15_000; Date.now() < end; await new Promise((go) => setTimeout(go))) {
    runOnCpu(kernel, buffers, [], device);
    if (device.threads().present >= present && device.threads().helped > helped) return;
  }
  expect.fail(`there are ${device.threads().present} threads after 15 s, not ${present}`);
}

/** Adam's update of a part of a memory: several results, in place, with scalars. */
const update: Kernel = {
  axes: [0],
  buffers: [readwrite(), read(), readwrite()],
  scalars: ['float32', 'float32'],
  segmented: true,
  body: {
    kind: 'loops',
    outer: [0],
    blocks: [
      {
        inner: [],
        code: [
          load(0, affine(0, 1)),
          load(1, affine(0, 1)),
          load(2, affine(0, 1)),
          { op: 'scalar', arg: 0, dtype: 'float32' },
          { op: 'scalar', arg: 1, dtype: 'float32' },
          { op: 'index', at: affine(7, 3), dtype: 'int32' },
          { op: 'cast', in: [5], dtype: 'float32' },
          apply('mul', 'float32', 2, 3),
          apply('add', 'float32', 7, 1),
          apply('mul', 'float32', 8, 4),
          apply('sub', 'float32', 0, 9),
          apply('add', 'float32', 10, 6),
        ],
        reduces: [],
        stores: [set(0, affine(0, 1), 11), set(2, affine(0, 1), 8)],
      },
    ],
  },
};

/** Of each row, divided by its length. */
function reduction(op: 'sum' | 'max', rows: number, length: number): Kernel {
  const passedOn: Inst = { op: 'prior', block: 0, reduce: 0, dtype: 'float32' };
  const blocks = [
    { inner: [1], code: [load(0, affine(0, length, 1))], reduces: [{ op, value: 0 }], stores: [] },
    {
      inner: [],
      code: [passedOn, literal(length), apply('div', 'float32', 0, 1)],
      reduces: [],
      stores: [set(1, affine(0, 1, 0), 2)],
    },
  ];
  const body = { kind: 'loops' as const, outer: [0], blocks };
  return { axes: [rows, length], buffers: [read(), write()], scalars: [], body, segmented: false };
}

/** Adds [rows, taken] numbers at places along one dimension of a [rows, width] target, or whole rows at rows of it. */
function scatter(along: 'rows' | 'columns', rows: number, taken: number, width: number): Kernel {
  const [place, limit] = along === 'columns' ? [affine(0, width, 0), width] : [affine(0, 0, 1), rows];
  const by = [{ value: 0, stride: along === 'columns' ? 1 : width, limit, fault: 3 }];
  const index = along === 'columns' ? affine(0, taken, 1) : affine(0, 1, 0);
  const code = [load(0, index, 'int32'), load(1, affine(0, taken, 1))];
  const store = { at: { buffer: 2, index: place, by }, value: 1, mode: 'add' as const };
  return {
    axes: [rows, taken],
    buffers: [read('int32'), read(), readwrite(), readwrite('int32')],
    scalars: [],
    segmented: false,
    body: { kind: 'loops', outer: [], blocks: [{ inner: [0, 1], code, reduces: [], stores: [store] }] },
  };
}

describe('threads', () => {
  it.each(['columns', 'rows'] as const)(
    'scatters over %s give the same bits, however often a place is met',
    async (along) => {
      const [rows, taken, width] = [512, 128, along === 'columns' ? 40 : 128];
      const kernel = scatter(along, rows, taken, width);
      // rows have places of their own in the one; in the other they meet
      expect(single.compile(kernel).passes.map(({ divisible }) => divisible)).toEqual([along === 'columns']);
      const indices = Int32Array.from({ length: rows * taken }, (_, i) => (i * i + (i >> 3)) % (along === 'columns' ? width : 7)); // prettier-ignore
      const buffers = [indices, noise(rows * taken, 1), noise(rows * width, 2), new Int32Array(3)];
      const want = runOnCpu(kernel, buffers, [], single);
      for (const threads of [2, 3]) {
        const device = await withThreads(threads);
        await until(device, threads);
        const { helped } = device.threads();
        for (
          let round = 0;
          round < 5 || (round < 500 && along === 'columns' && device.threads().helped === helped);
          round++
        )
          expect(same(runOnCpu(kernel, buffers, [], device), want)).toBe(true);
        if (along === 'columns') expect(device.threads().helped).toBeGreaterThan(helped);
      }
    },
  );

  it.each([2, 3, 4, 8])('%i give the same bits as one', async (threads) => {
    const device = await withThreads(threads);
    await until(device, threads);
    for (let seed = 100 * threads; seed < 100 * threads + 20; seed++) {
      for (const { kernel, buffers, scalars, fault } of [randomLoops(seed), randomContract(seed)]) {
        const [want, got] = [single, device].map((on) =>
          runOnCpu(kernel, buffers, scalars, on).filter((_, b) => b !== fault),
        );
        if (!same(got, want)) expect.fail(`seed ${seed}, ${kernel.body.kind}`);
      }
    }
    const lengths = [5, 20_000, 4096, 1];
    const segments = lengths.flatMap((length) => [noise(length, 1), noise(length, 2), noise(length, 3)]);
    const numbers = lengths.flatMap((length) => [length, 0.9, 0.01]);
    const { helped } = device.threads();
    for (let round = 0; round < 5 || (round < 500 && device.threads().helped === helped); round++) {
      const [want, got] = [single, device].map((on) => runOnCpu(update, segments, numbers, on));
      expect(same(got, want)).toBe(true);
    }
  });

  describe.each([
    [1, 360_000],
    [3, 120_000],
  ])('share the reduction of %i rows of %i', (rows, length) => {
    const x = noise(rows * length, 9);
    const row = (r: number) => [...x.subarray(r * length, (r + 1) * length)];
    const mean = (r: number) => row(r).reduce((sum, value) => sum + value, 0) / length;
    const greatest = (r: number) => row(r).reduce((a, b) => Math.max(a, b)) / length;

    it.each([
      ['sum', mean, 1e-9],
      ['max', greatest, 1e-11],
    ] as const)('%s', async (op, want, tolerance) => {
      const kernel = reduction(op, rows, length);
      const device = await withThreads(2);
      await until(device, 2);
      const buffers = [x, new Float32Array(rows)];
      await until(device, 2, kernel, buffers);
      const [alone, shared] = [single, device].map((on) => runOnCpu(kernel, buffers, [], on));
      expect(same(shared, alone)).toBe(true);
      alone[1].forEach((value, r) => expect(Math.abs(value - want(r))).toBeLessThan(tolerance));
    });
  });

  it('see memory that has grown since they started, and kernels that lie there', async () => {
    const device = await withThreads(2);
    await until(device, 2);
    const hole = device.allocate(100 << 20);
    // another kernel, whose code goes behind the hole
    const later = matmul(64, 192, 48, true, false, true);
    const buffers = [noise(64 * 48, 5), noise(48 * 192, 6), new Float32Array(64 * 192), noise(192, 7)];
    await until(device, 2, later, buffers);
    expect(same(runOnCpu(later, buffers, [], device), runOnCpu(later, buffers, [], single))).toBe(true);
    device.free(hole);
  });

  it('what is read is never shared', async () => {
    const device = await withThreads(2);
    const buffer = device.allocate(16);
    device.write(buffer, 0, new Uint8Array(16));
    expect(device.readSync(buffer, 0, 16).buffer).toBeInstanceOf(ArrayBuffer);
    expect((await device.read(buffer, 0, 16)).buffer).toBeInstanceOf(ArrayBuffer);
  });

  it('are started for enough work only', async () => {
    const device = await withThreads(2, { ...eager, toStart: 50e6 });
    for (let i = 0; i < 3; i++) runOnCpu(product, given, [], device);
    expect(device.threads()).toMatchObject({ most: 2, present: 1 });
  });

  it('begin anew when there were many kernels', async () => {
    const device = await withThreads(2);
    await until(device, 2);
    const x = noise(3000, 1);
    for (let i = 0; i < 120; i++) {
      const kernel = elementwise(
        [3000],
        [read(), write()],
        [load(0, affine(0, 1)), literal(i + 0.5), apply('mul', 'float32', 0, 1)],
        [set(1, affine(0, 1), 2)],
      );
      const got = runOnCpu(kernel, [x, new Float32Array(3000)], [], device)[1];
      if (i % 10 === 0) expect(same([got], [x.map((v) => v * (i + 0.5))])).toBe(true);
    }
    await until(device, 2);
  });

  it('end with the device', async () => {
    const device = await withThreads(3);
    await until(device, 3);
    await device.close();
    expect(device.threads().present).toBe(1);
  });

  it('are as many as the machine has, at most 16, if nobody says', () => {
    expect(chooseThreads(3)).toBe(3);
    expect(chooseThreads(0)).toBeGreaterThan(0);
    expect(chooseThreads(0)).toBeLessThan(17);
  });
});

describe('one thread does it all', () => {
  const want = runOnCpu(product, given, [], single);
  /** Node's modules, with another class in place of its workers. */
  const replaceWorker = (Worker: unknown) => {
    const original = process.getBuiltinModule.bind(process);
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((name: string): any =>
      name === 'node:worker_threads' ? { Worker } : original(name),
    );
  };
  const { Worker } = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads');

  it('where a worker cannot be made', async () => {
    const tried = vi.fn();
    replaceWorker(
      class {
        constructor() {
          tried();
          throw new Error('not here');
        }
      },
    );
    const device = await withThreads(2);
    for (let i = 0; i < 5; i++) expect(same(runOnCpu(product, given, [], device), want)).toBe(true);
    expect(tried).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['cannot run its code', () => 'throw new Error("policy")'],
    ['has functions that it cannot use', (text: string) => text.replace(/function erf\([^)]*\) \{/, '$& missing();')],
    ['cannot compile', (text: string) => text.replace('new WebAssembly.Module(code)', 'missing(code)')],
  ])('where a worker %s', async (_, change) => {
    const exits: Promise<unknown>[] = [];
    replaceWorker(
      class extends Worker {
        constructor(text: string, options: object) {
          expect(change(text)).not.toBe(text);
          super(change(text), options);
          exits.push(new Promise((done) => this.once('exit', done)));
        }
      },
    );
    const device = await withThreads(2);
    for (let i = 0; i < 5; i++) expect(same(runOnCpu(product, given, [], device), want)).toBe(true);
    await exits[0];
    for (let i = 0; i < 5; i++) expect(same(runOnCpu(product, given, [], device), want)).toBe(true);
    expect(exits).toHaveLength(1);
    expect(device.threads().present).toBe(1);
  });

  it('after a kernel has failed while another thread was at its part', async () => {
    const device = await withThreads(2);
    await until(device, 2);
    // row 0 lies outside of the memory, row 1 takes a while
    const length = 2 ** 22;
    const far = 2 ** 28;
    const failing: Kernel = {
      ...reduction('sum', 2, length),
      body: {
        kind: 'loops',
        outer: [0],
        blocks: [{ inner: [1], code: [load(0, affine(far, -far, 1))], reduces: [{ op: 'sum', value: 0 }], stores: [] }],
      },
    };
    const wrong = [new Float32Array(length), new Float32Array(2)];
    expect(() => runOnCpu(failing, wrong, [], device)).toThrow(/memory access out of bounds|failed within a kernel/);
    // what the other one has yet to finish must not be taken for a part of what comes next
    expect(device.threads().present).toBe(1);
    for (let i = 0; i < 20; i++) expect(same(runOnCpu(product, given, [], device), want)).toBe(true);
  });

  it('where nothing can be shared', () => {
    vi.spyOn(process, 'getBuiltinModule').mockImplementation((): any => undefined);
    expect(chooseThreads(0)).toBe(1);
    expect(chooseThreads(4)).toBe(1);
  });

  it('where a shared memory of 4 GiB is too much', async () => {
    const { Memory } = WebAssembly;
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor) {
      if (descriptor.shared) throw new RangeError('could not allocate memory');
      return new Memory(descriptor);
    });
    const device = await withThreads(2);
    expect(device.threads().most).toBe(1);
    expect(same(runOnCpu(product, given, [], device), want)).toBe(true);
  });
});

const built = new URL('../dist/index.js', import.meta.url).pathname;
describe.skipIf(!existsSync(built))('the process', { timeout: 60_000 }, () => {
  const run = (last: string) => {
    const script = `
      import { threadedCpuDevice } from ${JSON.stringify(built)};
      const device = await threadedCpuDevice({ relaxedSimd: false, threads: 3, sharing: ${JSON.stringify(eager)} });
      const kernel = device.compile(${JSON.stringify(product)});
      const buffers = ${JSON.stringify(given.map(({ byteLength }) => byteLength))}.map((bytes) => device.allocate(bytes));
      const recording = device.record([{ executable: kernel, buffers, scalars: { from: 0, count: 0 } }]);
      const once = () => recording.run(new Float64Array(0));
      while (device.threads().present < 3) once();
      ${last}`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 30_000 });
  };

  it.each([
    ['while workers look for work', 'once()'],
    ['while they sleep', 'await new Promise((go) => setTimeout(go, 300))'],
    ['by process.exit', 'once(); process.exit(0)'],
    ['after close', 'await device.close()'],
  ])('ends %s', (_, last) => {
    expect(run(last)).toMatchObject({ status: 0, signal: null, stderr: '' });
  });

  it('ends with the error that is thrown', () => {
    const { status, stderr } = run('once(); throw new Error("mine")');
    expect(status).toBe(1);
    expect(stderr).toContain('Error: mine');
  });
});
