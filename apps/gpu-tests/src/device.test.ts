import { type Inst, kernelBackend, type Kernel } from '@kindling/compiler';
import { cpu } from '@kindling/cpu-backend';
import { compile, hostState, setDefaultBackend, type Tensor, tensor, variable, variance } from '@kindling/core';
import { webgpu } from '@kindling/webgpu-backend';
import { afterEach, expect, test, vi } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { affine, apply, cells, elementwise, load, read, readwrite, runByInterpreter, runOnGpu, set, write } from './harness.js'; // prettier-ignore
import { mlp } from './mlp.js';

gpuSuite('the device', () => {
  afterEach(() => setDefaultBackend(undefined));

  test('a read gives what was there when it was asked for', async () => {
    const { device } = await openDevice();
    const buffer = device.allocate(16);
    const reads = [1, 2, 3].map((x) => {
      device.write(buffer, 0, new Uint8Array(Float32Array.of(x, x, x, x).buffer));
      return device.read(buffer, 4, 8);
    });
    const got = (await Promise.all(reads)).map((bytes) => [...new Float32Array(bytes.buffer)]);
    expect(got).toEqual([[1, 1], [2, 2], [3, 3]]); // prettier-ignore
    expect((await device.read(buffer, 0, 0)).length).toBe(0);
    await device.close();
  });

  test('what is asked for together comes in one copy, and may be freed meanwhile', async () => {
    const { device, gpu } = await openDevice();
    const buffers = [1, 2, 3].map((count) => {
      const buffer = device.allocate(count * 4);
      device.write(buffer, 0, new Uint8Array(Float32Array.from({ length: count }, (_, i) => 10 * count + i).buffer));
      return buffer;
    });
    const submit = vi.spyOn(gpu.queue, 'submit');
    const reads = buffers.map((buffer, i) => device.read(buffer, 0, 4 * (i + 1)));
    for (const buffer of buffers) device.free(buffer);
    const again = device.allocate(4);
    device.write(again, 0, new Uint8Array(4));
    const got = (await Promise.all(reads)).map((bytes) => [...new Float32Array(bytes.buffer)]);
    expect(got).toEqual([[10], [20, 21], [30, 31, 32]]);
    expect(submit).toHaveBeenCalledTimes(1);
    await device.close();
  });

  test('scalars that change between runs are those of each run, and compile nothing', async () => {
    const { device } = await openDevice();
    const kernel = elementwise(
      [3],
      [readwrite()],
      [load(0, affine(0, 1)), { op: 'scalar', arg: 0, dtype: 'float32' }, apply('add', 'float32', 0, 1)],
      [set(0, affine(0, 1), 2)],
      ['float32'],
    );
    const executable = device.compile(kernel);
    const buffer = device.allocate(12);
    device.write(buffer, 0, new Uint8Array(12));
    const recording = device.record!([{ executable, buffers: [buffer], scalars: { from: 0, count: 1 } }]);
    for (let i = 1; i <= 100; i++) recording.run(Float64Array.of(i));
    const other = device.allocate(12);
    device.write(other, 0, new Uint8Array(12));
    recording.replace!(0, other);
    recording.run(Float64Array.of(7));
    const got = await Promise.all([buffer, other].map((b) => device.read(b, 0, 12)));
    expect(got.map((bytes) => [...new Float32Array(bytes.buffer)])).toEqual([[5050, 5050, 5050], [7, 7, 7]]); // prettier-ignore
    await device.close();
  });

  test('more workgroups than one dimension has', async () => {
    const { device } = await openDevice();
    // one row for every workgroup: 70,000 of them
    const [rows, inner] = [70_000, 96];
    const kernel: Kernel = {
      axes: [rows, inner],
      buffers: [read(), write()],
      scalars: [],
      segmented: false,
      body: {
        kind: 'loops',
        outer: [0],
        blocks: [
          { inner: [1], code: [load(0, affine(0, 0, 1)), { op: 'index', at: affine(0, 1, 0), dtype: 'int32' }, apply('cast', 'float32', 1), apply('mul', 'float32', 0, 2)], reduces: [{ op: 'sum', value: 3 }], stores: [] }, // prettier-ignore
          { inner: [], code: [{ op: 'prior', block: 0, reduce: 0, dtype: 'float32' }], reduces: [], stores: [set(1, affine(0, 1, 0), 0)] }, // prettier-ignore
        ],
      },
    };
    const ones = cells('float32', new Array(inner).fill(1));
    const [, sums] = await runOnGpu(device, kernel, [ones, new Float32Array(rows)]);
    for (const row of [0, 1, 65_534, 65_535, 65_536, 69_999]) expect(sums[row]).toBe(row * inner);
    const many = elementwise([5_000_000], [write('int32')], [{ op: 'index', at: affine(0, 1), dtype: 'int32' }], [set(0, affine(0, 1), 0)]); // prettier-ignore
    const [places] = await runOnGpu(device, many, [new Int32Array(5_000_000)]);
    expect(places.every((x, i) => x === i)).toBe(true);
    await device.close();
  });

  test('long sums are accurate', async () => {
    const backend = await webgpu();
    setDefaultBackend(backend);
    const count = 10_000_000;
    const sum = await tensor(new Float32Array(count).fill(0.1)).sum().item();
    expect(Math.abs(sum / (Math.fround(0.1) * count) - 1)).toBeLessThan(1e-6);
    const wide = tensor(Float32Array.from({ length: 1_000_000 }, (_, i) => 1000 + (i % 2 ? 1 : -1)));
    expect(Math.abs((await variance(wide, undefined, { correction: 0 }).item()) - 1)).toBeLessThan(1e-4);
    const dot = tensor(new Float32Array(300_000).fill(0.1), { shape: [3, 100_000] });
    const product = await dot.matmul(dot.transpose()).data();
    for (const x of product) expect(Math.abs(x / (Math.fround(0.1) ** 2 * 100_000) - 1)).toBeLessThan(1e-6);
    await backend.close();
  });

  test('softmax of rows of any length equals the interpreter', async () => {
    const { device } = await openDevice();
    for (const [rows, columns] of [
      [1, 1],
      [3, 7],
      [70, 33],
      [2, 1000],
      [5, 5000],
    ]) {
      // prettier-ignore
      const at = affine(0, columns, 1);
      const prior = (block: number): Inst => ({ op: 'prior', block, reduce: 0, dtype: 'float32' });
      const kernel: Kernel = {
        axes: [rows, columns],
        buffers: [read(), readwrite(), write()],
        scalars: [],
        segmented: false,
        body: {
          kind: 'loops',
          outer: [0],
          blocks: [
            { inner: [1], code: [load(0, at)], reduces: [{ op: 'max', value: 0 }], stores: [] },
            {
              inner: [1],
              code: [load(0, at), prior(0), apply('sub', 'float32', 0, 1), apply('exp', 'float32', 2)],
              reduces: [{ op: 'sum', value: 3 }],
              stores: [set(1, at, 3)],
            },
            // the row is passed on through the buffer, backwards, and so to other invocations
            {
              inner: [1],
              code: [load(1, affine(columns - 1, columns, -1)), prior(1), apply('div', 'float32', 0, 1)],
              reduces: [],
              stores: [set(2, at, 2)],
            },
          ],
        },
      };
      const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 7) * 10);
      const given = [x, new Float32Array(x.length), new Float32Array(x.length)];
      const wanted = runByInterpreter(kernel, given)[2];
      const got = (await runOnGpu(device, kernel, given))[2];
      got.forEach((value, i) => expect(Math.abs(value - wanted[i])).toBeLessThan(1e-6));
    }
    await device.close();
  });

  test('a tensor too large for a binding is an error that says so', async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    expect(() => backend.allocate([2 ** 20, 2 ** 13], 'float32')).toThrow(/a buffer has at most/);
    await backend.close();
  });

  test('what the GPU refuses is an error at the next read', async () => {
    const { device, gpu } = await openDevice();
    gpu.createBuffer({ size: 4, usage: 0xffff });
    const buffer = device.allocate(4);
    await expect(device.read(buffer, 0, 4)).rejects.toThrow(/the GPU reports/);
    await device.read(buffer, 0, 4);
    await device.close();
  });

  test('a program for which there was no room gives no value, and the next ones run', async () => {
    const { device, gpu } = await openDevice();
    setDefaultBackend(kernelBackend(device));
    const v = variable(tensor([1, 2]));
    await v.data();
    const createBuffer = gpu.createBuffer.bind(gpu);
    const spy = vi
      .spyOn(gpu, 'createBuffer')
      .mockImplementation((given) => createBuffer(given.size > 100_000 ? { ...given, usage: 0xffff } : given));
    const large = tensor(Float32Array.from({ length: 60_000 }, (_, i) => i % 3));
    /** Two results of one program, whose intermediate values need memory. */
    const results = compile((x: Tensor) => {
      const y = x.sub(x.mean()).div(x.max());
      return [y.mul(y).sum(), y.max().add(x.min())];
    });
    const failed = /the GPU reports.*may not have run/s;
    const [first, second] = results(large);
    const both = await Promise.allSettled([first.item(), second.item()]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const [read, later] = results(large);
    await expect(read.item()).rejects.toThrow(failed);
    await expect(later.add(1).item()).rejects.toThrow(failed);
    await expect(later.item()).rejects.toThrow(failed);
    spy.mockRestore();

    expect([...(await v.add(1).data())]).toEqual([2, 3]);
    const { bytes } = device.memory;
    for (let i = 0; i < 3; i++) {
      const [squares, largest] = results(large);
      expect(await squares.item()).toBe(10_000);
      expect(await largest.item()).toBe(0.5);
    }
    expect(device.memory.bytes - bytes).toBeLessThan(1_000_000);
    await device.close();
  });

  test('a device lost in training is an error that says how to resume, and resuming continues the curve', async () => {
    const other = await cpu();
    setDefaultBackend(other);
    const sizes = [16, 8, 3] as const;
    const undisturbed = mlp(sizes, 16);
    const wanted: number[] = [];
    for (let i = 0; i < 20; i++) wanted.push(await undisturbed.step(i).item());
    await other.close();

    const first = await openDevice();
    setDefaultBackend(kernelBackend(first.device));
    const before = mlp(sizes, 16);
    for (let i = 0; i < 10; i++) expect(await before.step(i).item()).toBeCloseTo(wanted[i], 4);
    const saved = { model: await hostState(before.model.stateDict()), optimizer: await hostState(before.optimizer.stateDict()) }; // prettier-ignore
    first.gpu.destroy();
    const lost = before.step(10);
    await expect(lost.item()).rejects.toThrow(/GPU device was lost.*To resume/);
    expect(() => before.step(11)).toThrow(/GPU device was lost/);

    const backend = await webgpu();
    setDefaultBackend(backend);
    const after = mlp(sizes, 16);
    after.model.loadStateDict(saved.model);
    after.optimizer.loadStateDict(saved.optimizer);
    for (let i = 10; i < 20; i++) expect(await after.step(i).item()).toBeCloseTo(wanted[i], 4);
    await backend.close();
  });

  test('a closed backend says so', async () => {
    const backend = await webgpu();
    const memory = backend.allocate([1], 'float32');
    await backend.close();
    await expect(memory.read()).rejects.toThrow(/closed/);
    expect(() => backend.allocate([1], 'float32')).toThrow(/closed/);
  });
});
