// What threads.test.ts has a page do.
import { type CpuDevice, cpuDevice, threadedCpuDevice } from '@kindling/cpu-backend';

const size = 128;
const affine = (...stride: number[]) => ({ base: 0, stride });
const load = (buffer: number, ...stride: number[]) =>
  ({ op: 'load', at: { buffer, index: affine(...stride) }, dtype: 'float32' }) as const;

/** Multiplies two matrices again and again, until that is enough. */
async function run(device: CpuDevice, enough: () => boolean): Promise<Uint8Array> {
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
  const buffers = Array.from({ length: 3 }, () => device.allocate(values.byteLength));
  for (const b of buffers) device.write(b, 0, new Uint8Array(values.buffer));
  const executable = device.compile({
    axes: [size, size, size],
    buffers: (['read', 'read', 'write'] as const).map((use) => ({ dtype: 'float32', use })),
    scalars: [],
    segmented: false,
    body: {
      kind: 'contract',
      batch: [],
      m: [0],
      n: [1],
      k: [2],
      dtype: 'float32',
      a: { code: [load(0, size, 0, 1)], out: 0 },
      b: { code: [load(1, 0, 1, size)], out: 0 },
      epilogue: {
        code: [{ op: 'acc', dtype: 'float32' }],
        stores: [{ at: { buffer: 2, index: affine(size, 1, 0) }, value: 0, mode: 'set' }],
      },
    },
  });
  const recording = device.record!([{ executable, buffers, scalars: { from: 0, count: 0 } }]);
  do {
    recording.run(new Float64Array(0));
    await new Promise((go) => setTimeout(go));
  } while (!enough());
  return device.readSync(buffers[2], 0, values.byteLength);
}

/** With two threads, until they have helped or time is up; then with one, for the same bits. */
async function multiply(milliseconds: number): Promise<{ threads: ReturnType<CpuDevice['threads']>; same: boolean }> {
  // shared at once, however small
  const sharing = { step: 0, chunk: 1, program: 0, toWake: 0, toStart: 0, kernels: 500, credit: 0, pause: 0 };
  const device = await threadedCpuDevice({ relaxedSimd: false, threads: 2, sharing });
  const end = performance.now() + milliseconds;
  const got = await run(device, () => device.threads().helped > 0 || performance.now() > end);
  const want = await run(cpuDevice({ relaxedSimd: false }), () => true);
  const threads = device.threads();
  await device.close();
  return { threads, same: got.every((byte, i) => byte === want[i]) };
}

export type Multiply = typeof multiply;
Object.assign(globalThis, { multiply });
