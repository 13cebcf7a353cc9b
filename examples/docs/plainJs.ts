import { type Device, interpretKernel, kernelBackend } from '@kindling/compiler';
import { defineBackend, definePlugin, tensor } from '@kindling/core';

type Run = ReturnType<typeof interpretKernel>;

/** Runs kernels with the compiler's own interpreter: slow, but complete. */
function device(): Device<ArrayBuffer, Run> {
  const read = (buffer: ArrayBuffer, offset: number, length: number): Uint8Array =>
    new Uint8Array(buffer.slice(offset, offset + length));
  return {
    name: 'plain-js',
    dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
    limits: { maxBufferBytes: 2 ** 31, maxBindings: 64, vectorWidth: 1 },
    allocate: (bytes) => new ArrayBuffer(bytes),
    free: () => {},
    write: (buffer, offset, bytes) => new Uint8Array(buffer, offset).set(bytes),
    read: (buffer, offset, length) => Promise.resolve(read(buffer, offset, length)),
    readSync: read,
    compile: (kernel) => interpretKernel(kernel),
    run: (kernel, buffers, scalars) => kernel(buffers, scalars),
    finished: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

export const plainJs = /* @__PURE__ */ defineBackend({
  name: 'plain-js',
  options: {},
  open: () => Promise.resolve(kernelBackend(device())),
});
export default definePlugin({ name: 'kindling-plain-js', contract: 1, provides: [plainJs] });

const backend = await plainJs();
const x = tensor([1, 2, 3]).to(backend);
console.log(`computed on '${backend.name}': ${await x.mul(x).sum().item()}`);
