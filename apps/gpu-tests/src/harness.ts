import type { Kernel } from '@kindling/compiler';
import type { WebgpuDevice } from '../../../packages/webgpu-backend/src/device.js';
import type { Cells } from '../../../packages/cpu-backend/test/harness.js';

export { affine, apply, cells, elementwise, literal, load, read, readwrite, runByInterpreter, set, ulps, write } from '../../../packages/cpu-backend/test/harness.js'; // prettier-ignore

export type { Cells };

/** Runs a kernel on copies of the buffers and returns their content afterwards. */
export async function runOnGpu(
  device: WebgpuDevice,
  kernel: Kernel,
  given: readonly Cells[],
  scalars: readonly number[] = [],
): Promise<Cells[]> {
  const buffers = given.map((array) => {
    const buffer = device.allocate(array.byteLength);
    device.write(buffer, 0, new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return buffer;
  });
  device.run(device.compile(kernel), buffers, Float64Array.from(scalars));
  const results = await Promise.all(
    given.map(async (array, i) => {
      const bytes = await device.read(buffers[i], 0, array.byteLength);
      return new (array.constructor as new (buffer: ArrayBufferLike) => Cells)(bytes.buffer);
    }),
  );
  for (const buffer of buffers) device.free(buffer);
  return results;
}
