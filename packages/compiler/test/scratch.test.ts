import { it } from 'vitest';
import { kernelBackend, interpretKernel } from '@kindling/compiler';
import { tensor, logSumExp, keep, commit, setDefaultBackend } from '@kindling/core';
it('x', async () => {
  setDefaultBackend(kernelBackend<ArrayBuffer, any>({
    name: 'i', dtypes: ['float32','int32','bool'], limits: { maxBufferBytes: 2**31, maxBindings: 64, vectorWidth: 1 },
    allocate: (b) => new ArrayBuffer(b), free: () => {}, write: (buffer, offset, bytes) => { new Uint8Array(buffer, offset).set(bytes); },
    read: async (b, o, l) => new Uint8Array(b.slice(o, o + l)),
    compile: (k) => { console.log(JSON.stringify(k, null, 0).replaceAll('{"inner"', '\n{"inner"').replaceAll('{"op"', '\n   {"op"')); try { return interpretKernel(k); } catch (e) { console.log(String(e)); throw e; } },
    run: (k, b, s) => k(b, s), finished: async () => {}, close: async () => {},
  }));
  const x = tensor(new Float32Array(16).map((_, i) => i), { shape: [4, 4] });
  const a = x.sin(), f = x.flip(0), l = logSumExp(f, 0, { keepDim: true }), b = f.sin().sin();
  for (const t of [a, f, l, b]) keep(t);
  commit();
});
