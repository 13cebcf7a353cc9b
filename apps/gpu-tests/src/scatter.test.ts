import type { Kernel } from '@kindling/compiler';
import { expect, test } from 'vitest';
import { gpuSuite, openDevice } from './gpuSuite.js';
import { affine, cells, load, read, readwrite, runByInterpreter, runOnGpu } from './harness.js';

gpuSuite('scatter', () => {
  test('rows that meet in one place are added in the order of the source, on each run', async () => {
    const { device } = await openDevice();
    const [rows, width, places] = [700, 5, 40];
    const kernel: Kernel = {
      axes: [rows, width],
      buffers: [readwrite(), read('int32'), read(), readwrite('int32')],
      scalars: [],
      segmented: false,
      body: {
        kind: 'loops',
        outer: [],
        blocks: [
          {
            inner: [0, 1],
            code: [load(1, affine(0, 1, 0), 'int32'), load(2, affine(0, width, 1))],
            reduces: [],
            stores: [
              { at: { buffer: 0, index: affine(0, 0, 1), by: [{ value: 0, stride: width, limit: places, fault: 3 }] }, value: 1, mode: 'add' }, // prettier-ignore
            ],
          },
        ],
      },
    };
    const target = Float32Array.from({ length: places * width }, (_, i) => i / 8);
    const index = Int32Array.from({ length: rows }, (_, i) => (i * i) % places);
    const source = Float32Array.from({ length: rows * width }, (_, i) => Math.sin(i));
    const given = [target, index, source, cells('int32', [0, 0, 0])];
    const [wanted] = runByInterpreter(kernel, given);
    const [first, , , fault] = await runOnGpu(device, kernel, given);
    const [second] = await runOnGpu(device, kernel, given);
    expect(second).toEqual(first);
    expect(fault[0]).toBe(0);
    first.forEach((x, i) => expect(Math.abs(x - wanted[i])).toBeLessThan(1e-4));
    const outside = await runOnGpu(device, kernel, [target, index.map((x) => (x === 0 ? 99 : x)), source, given[3]]);
    expect(outside[3][0]).toBe(1);
    await device.close();
  });
});
