import { onesLike, type Tensor, tensor } from '@kindling/core';
import { compareBackends, referenceBackend } from '@kindling/testkit';
import { describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';

const square = (seed: number): Tensor =>
  tensor(Float32Array.from({ length: 16 }, (_, i) => Math.sin(seed + i)), { shape: [4, 4] }); // prettier-ignore

describe('merging', () => {
  it('sees that a kernel waits for another through a third, which has results of before and after', async () => {
    const backend = interpretedBackend();
    const build = ([x, v, w]: readonly Tensor[]): Tensor[] => {
      const early = x.exp();
      const between = early.matmul(w);
      const product = v.matmul(w);
      // one kernel with `early`; it reads the product turned round, so that it cannot be its epilogue
      const late = early.add(product.transpose());
      // were this one with the product, each of three kernels would wait for another
      const last = product.add(between);
      return [between, late, last];
    };
    await compareBackends({ leaves: () => [square(1), square(2), square(3)], build }, referenceBackend(), backend, { modes: ['together'] }); // prettier-ignore
    expect(backend.counts.launched).toBe(3); // the product; early and late; between and last
  });

  it('sees what a loop that sums rows reads for its other results', async () => {
    const backend = interpretedBackend();
    // the gradients of a gate and a norm: `d` is made on the way to the sum of `a`, and waits for `c`, which could be made
    // on the way to the sum of `b`
    const build = ([g, s, y]: readonly Tensor[]): Tensor[] => {
      const r = g.neg().sum(1, { keepDim: true }).div(3);
      const gate = s.mul(onesLike(s).sub(s));
      const [a, b, c] = [g.mul(s), g.mul(y).mul(gate), r.mul(y).mul(gate)];
      const d = a.add(b).add(r.mul(s)).add(c);
      return [d, a.sum(1), b.sum(1), a, gate, c];
    };
    await compareBackends({ leaves: () => [square(1), square(2), square(3)], build }, referenceBackend(), backend, { modes: ['together'] }); // prettier-ignore
    expect(backend.counts.launched).toBe(1);
  });
});
