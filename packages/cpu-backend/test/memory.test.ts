import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allocator } from '../src/allocator.js';
import { cpuDevice } from '../src/device.js';
import { affine, apply, elementwise, load, read, runOnCpu, set, write } from './harness.js';
import { matmul, noise } from './matmul.js';

describe('the allocator', () => {
  it('gives blocks that never overlap, aligned, and takes all of them back', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ bytes: fc.nat(5000), keep: fc.nat(9) }), { maxLength: 80 }), (steps) => {
        let end = 1024;
        const allocator = new Allocator(end, (wanted) => (end = Math.ceil(wanted / 4096) * 4096));
        const held: { pointer: number; bytes: number }[] = [];
        for (const { bytes, keep } of steps) {
          const pointer = allocator.allocate(bytes);
          expect(pointer % 64).toBe(0);
          expect(pointer + bytes).toBeLessThanOrEqual(end);
          for (const other of held)
            expect(pointer + bytes <= other.pointer || other.pointer + other.bytes <= pointer).toBe(true);
          held.push({ pointer, bytes });
          if (keep < 5) {
            const [gone] = held.splice(keep % held.length, 1);
            allocator.release(gone.pointer, gone.bytes);
          }
        }
        for (const { pointer, bytes } of held) allocator.release(pointer, bytes);
        // joined again, all of it is one block
        const before = end;
        if (before - 1024 > 256) allocator.allocate(before - 1024 - 256);
        expect(end).toBe(before);
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});

describe('memory', () => {
  it('keeps what buffers hold when it grows', () => {
    const device = cpuDevice({ relaxedSimd: false });
    const small = device.allocate(12);
    device.write(small, 4, Uint8Array.of(1, 2, 3));
    const large = device.allocate(64 << 20);
    device.write(large, (64 << 20) - 1, Uint8Array.of(9));
    expect([...device.readSync(small, 4, 3)]).toEqual([1, 2, 3]);
    expect([...device.readSync(large, (64 << 20) - 1, 1)]).toEqual([9]);
  });

  it('says what is wrong with a use of a buffer', async () => {
    const device = cpuDevice({ relaxedSimd: false });
    const buffer = device.allocate(8);
    expect(() => device.write(buffer, 4, new Uint8Array(8))).toThrow('bytes 4 to 12 of a buffer of 8 bytes');
    await expect(device.read(buffer, -1, 2)).rejects.toThrow('bytes -1 to 1');
    device.free(buffer);
    expect(() => device.readSync(buffer, 0, 4)).toThrow('has been freed');
    expect(() => device.free(buffer)).toThrow('has been freed before');
    expect(() => device.allocate(2 ** 32)).toThrow('at most 4.00 GiB');
  });

  it('works on after a kernel for which there was no room', () => {
    const device = cpuDevice({ relaxedSimd: false, mostBytes: 1 << 20 });
    const given = [noise(64, 1), noise(64, 2), new Float32Array(64)];
    const product = matmul(8, 8, 8, true, true, false);
    const want = runOnCpu(product, given);
    runOnCpu(product, given, [], device);
    const rest = device.allocate(900_000);
    expect(() => device.compile(matmul(512, 512, 512, true, true, false))).toThrow('there is no room');
    expect(runOnCpu(product, given, [], device)).toEqual(want);
    device.free(rest);
    device.compile(matmul(512, 512, 512, true, true, false));
  });

  it('is not lost to launches that fail', () => {
    const device = cpuDevice({ relaxedSimd: false });
    const executable = device.compile(matmul(4, 4, 4, false, false));
    const buffers = [64, 64, 64].map((bytes) => device.allocate(bytes));
    device.free(buffers[2]);
    const next = device.allocate(4096).pointer;
    for (let i = 0; i < 1000; i++)
      expect(() => device.run(executable, buffers, new Float64Array(0))).toThrow(
        'buffer 2, of 64 bytes, has been freed',
      );
    expect(device.allocate(4096).pointer).toBeLessThan(next + 16_384);
  });

  it('replaces a buffer of a recording, but not by one that has been freed', () => {
    const device = cpuDevice({ relaxedSimd: false });
    const holding = (...values: number[]) => {
      const buffer = device.allocate(4 * values.length);
      device.write(buffer, 0, new Uint8Array(Float32Array.from(values).buffer));
      return buffer;
    };
    const executable = device.compile(
      elementwise(
        [3],
        [read(), write()],
        [load(0, affine(0, 1)), apply('add', 'float32', 0, 0)],
        [set(1, affine(0, 1), 1)],
      ),
    );
    const [x, y, out] = [holding(1, 2, 3), holding(10, 20, 30), device.allocate(12)];
    const recording = device.record!([{ executable, buffers: [x, out], scalars: { from: 0, count: 0 } }]);
    const result = () => {
      recording.run(new Float64Array(0));
      return [...new Float32Array(device.readSync(out, 0, 12).buffer)];
    };
    expect(result()).toEqual([2, 4, 6]);
    recording.replace!(0, y);
    expect(result()).toEqual([20, 40, 60]);
    device.free(x);
    expect(() => recording.replace!(0, x)).toThrow('cpu run: buffer 0, of 12 bytes, has been freed');
  });
});
