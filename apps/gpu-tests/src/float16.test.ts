import { type Backend, parameter, setDefaultBackend, softmax, tensor, type Tensor } from '@kindling/core';
import { backward } from '@kindling/autograd';
import { rounding } from '@kindling/compiler';
import { referenceBackend } from '@kindling/testkit';
import { webgpu } from '@kindling/webgpu-backend';
import { afterEach, expect, test } from 'vitest';
import { gpuSuite } from './gpuSuite.js';

/** Half a unit in the last place of float16. */
const HALF_ULP = 2 ** -11;

gpuSuite('float16', () => {
  afterEach(() => setDefaultBackend(undefined));

  async function onBoth(compute: () => Tensor): Promise<{ got: ArrayLike<number>; want: ArrayLike<number> }> {
    const run = async (backend: Backend) => {
      setDefaultBackend(backend);
      const array = await compute().data();
      await backend.close();
      return array;
    };
    const gpu = await webgpu();
    if (!gpu.dtypes.has('float16')) {
      await gpu.close();
      const want = await run(referenceBackend());
      return { got: want, want };
    }
    return { got: await run(gpu), want: await run(referenceBackend()) };
  }
  const half = (values: number[], shape: number[]) =>
    tensor(Float32Array.from(values, rounding('float16')), { shape, dtype: 'float16' });
  const waves = (count: number, scale = 1) => Array.from({ length: count }, (_, i) => scale * Math.sin(i * 1.7));
  const isNear = (got: ArrayLike<number>, want: ArrayLike<number>, units: number): void => {
    expect(got.length).toBe(want.length);
    const largest = Math.max(...Array.from(want, Math.abs).filter(Number.isFinite));
    Array.from(
      want,
      (x, i) =>
      expect(Object.is(got[i], x) || Math.abs(got[i] - x) <= units * 2 * HALF_ULP * Math.max(Math.abs(x), largest / 16), `${i}: ${got[i]}, not ${x}`).toBe(true), // prettier-ignore
    );
  };

  test('arithmetic is rounded to float16 after each operation, and overflows to infinity', async () => {
    const { got, want } = await onBoth(() => {
      const x = half([1, 0.1, 60000, -60000, 2049, 6e-8, 3e-5], [7]); // an odd number of halves
      return x.mul(2).add(0.5).sub(x);
    });
    expect(Array.from(got)).toEqual(Array.from(want));
  });

  test('functions', async () => {
    const { got, want } = await onBoth(() => {
      const x = half(waves(33, 3), [33]);
      return x.exp().add(x.tanh()).mul(x.abs().add(1).log());
    });
    isNear(got, want, 4);
  });

  test('sums and products are accumulated in float32', async () => {
    const { got, want } = await onBoth(() => {
      const ones = half(new Array<number>(5000).fill(1), [5000]);
      return ones.mean();
    });
    expect(got[0]).toBe(1);
    expect(want[0]).toBe(1);
    const product = await onBoth(() => half(waves(35 * 129), [35, 129]).matmul(half(waves(129 * 20), [129, 20])));
    isNear(product.got, product.want, 2);
    const rows = await onBoth(() => softmax(half(waves(5 * 77, 6), [5, 77]), 1));
    isNear(rows.got, rows.want, 4);
  });

  test('gradients', async () => {
    const { got, want } = await onBoth(() => {
      const w = parameter(half(waves(24), [6, 4]));
      backward(half(waves(12), [2, 6]).matmul(w).tanh().sum());
      return w.grad!;
    });
    isNear(got, want, 4);
  });
});
