import { expect } from 'vitest';
import type { Inst, Kernel } from '@kindling/compiler';
import { affine, apply, device, literal, load, read, runOnCpu, set, write } from './harness.js';

/** C = A·B with A [M, K] or [K, M] and B [K, N] or [N, K]; perhaps plus a bias over n, then relu. */
export function matmul(M: number, N: number, K: number, ta: boolean, tb: boolean, biased = false): Kernel {
  const code: Inst[] = [{ op: 'acc', dtype: 'float32' }];
  if (biased)
    code.push(load(3, affine(0, 0, 1, 0)), apply('add', 'float32', 0, 1), literal(0), apply('max', 'float32', 2, 3));
  return {
    axes: [M, N, K],
    buffers: [read(), read(), write(), ...(biased ? [read()] : [])],
    scalars: [],
    segmented: false,
    body: {
      kind: 'contract',
      batch: [],
      m: [0],
      n: [1],
      k: [2],
      dtype: 'float32',
      a: { code: [load(0, ta ? affine(0, 1, 0, M) : affine(0, K, 0, 1))], out: 0 },
      b: { code: [load(1, tb ? affine(0, 0, K, 1) : affine(0, 0, 1, N))], out: 0 },
      epilogue: { code, stores: [set(2, affine(0, N, 1, 0), code.length - 1)] },
    },
  };
}

export const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => (((i + seed) * 7919) % 1009) / 504 - 1);

/** The largest error, in units of what rounding each product and sum once may cost. */
export function check(M: number, N: number, K: number, ta: boolean, tb: boolean, biased: boolean, on = device): void {
  const [a, b, bias] = [noise(M * K, 1), noise(K * N, 5), noise(N, 9)];
  const given = [a, b, new Float32Array(M * N), ...(biased ? [bias] : [])];
  const got = runOnCpu(matmul(M, N, K, ta, tb, biased), given, [], on)[2];
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      let sum = 0;
      let size = 0;
      for (let k = 0; k < K; k++) {
        const term = a[ta ? k * M + i : i * K + k] * b[tb ? j * K + k : k * N + j];
        sum += term;
        size += Math.abs(term);
      }
      if (biased) sum = Math.max(0, sum + bias[j]);
      const error = Math.abs(got[i * N + j] - sum);
      const allowed = (size + 1) * 2 ** -24 * (Math.sqrt(K) + 4);
      if (!(error <= allowed))
        expect.fail(`${M}×${N}×${K} ta ${ta} tb ${tb}: [${i}, ${j}] is ${got[i * N + j]}, not ${sum}`);
    }
  }
}
