// A backend of one's own. Most authors write a device: memory, and a way to compile and run one kernel. This one keeps
// everything in ArrayBuffers and lets the interpreter of the kernel language run the kernels: slow, and complete.
import { interpretKernel, kernelBackend } from '@kindling/compiler';
import { defineBackend, definePlugin } from '@kindling/core';

export const plainJs = /* @__PURE__ */ defineBackend({
  name: 'plain-js',
  options: {},
  open: async () =>
    kernelBackend<ArrayBuffer, ReturnType<typeof interpretKernel>>({
      name: 'plain-js',
      dtypes: ['float32', 'float64', 'int32', 'uint32', 'bool'],
      limits: { maxBufferBytes: 2 ** 31, maxBindings: 64, vectorWidth: 1 },
      allocate: (bytes) => new ArrayBuffer(bytes),
      free: () => {}, // the garbage collector's
      write: (buffer, offset, bytes) => {
        new Uint8Array(buffer, offset).set(bytes);
      },
      read: async (buffer, offset, length) => new Uint8Array(buffer.slice(offset, offset + length)),
      compile: (kernel) => interpretKernel(kernel),
      run: (kernel, buffers, scalars) => {
        kernel(buffers, scalars);
      },
      finished: async () => {},
      close: async () => {},
    }),
});

export default definePlugin({ name: 'kindling-plain-js', contract: 1, provides: [plainJs] });
