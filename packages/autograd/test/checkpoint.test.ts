import {
  compile,
  conv2d,
  manualSeed,
  maxPool2d,
  parameter,
  rand,
  randn,
  relu,
  softmax,
  type Tensor,
  tensor,
} from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { backward, checkpoint, grad, valueAndGrad } from '../src/index.js';

type Run = (part: (x: Tensor) => Tensor, x: Tensor) => Tensor;
const plain: Run = (part, x) => part(x);

describe.each([
  ['the reference', () => Promise.resolve(referenceBackend())],
  ['the CPU', () => cpu()],
] as const)('checkpoint on %s', (_, open) => {
  beforeAll(useBackend(open));

  it('has the values and gradients of what it holds', async () => {
    manualSeed(1);
    const weight = parameter(randn([4, 4]));
    const input = parameter(randn([3, 4]));
    const both = async (run: Run): Promise<number[][]> => {
      [weight.grad, input.grad] = [undefined, undefined];
      const outer = input.mul(2); // made outside: not computed again
      const y = run((x) => softmax(x.matmul(weight).tanh().add(outer), 1).mul(weight.sum()), input.exp());
      const loss = run((x) => x.mul(x).matmul(weight), y).sum();
      backward(loss);
      return Promise.all([loss, weight.grad!, input.grad!].map(async (t) => Array.from(await t.data())));
    };
    const expected = await both(plain);
    (await both(checkpoint)).forEach((values, i) => {
      values.forEach((x, j) => {
        expect(x).toBeCloseTo(expected[i][j], 4);
      });
    });
  });
  it('draws the same random numbers again', async () => {
    manualSeed(2);
    const input = parameter(tensor(new Float32Array(200).fill(1)));
    const y = checkpoint((x) => x.mul(rand([200]).lt(0.5).to('float32')).mul(3), input);
    backward(y.sum());
    const [values, gradient] = [await y.data(), await input.grad!.data()];
    expect(new Set(values)).toEqual(new Set([0, 3]));
    expect(gradient).toEqual(values);
  });
  it('works for windows, in itself, and twice', async () => {
    const image = randn([1, 1, 6, 6], { dtype: 'float64' });
    const kernel = randn([2, 1, 3, 3], { dtype: 'float64' });
    const net =
      (run: Run) =>
      (x: Tensor, w: Tensor): Tensor =>
        run(
          (v) =>
            maxPool2d(
              run((u) => relu(conv2d(u, w, undefined, { padding: 1 })), v),
              2,
            ),
          x.exp(),
        )
          .pow(2)
          .sum();
    const second =
      (run: Run) =>
      (x: Tensor, w: Tensor): Tensor => {
        const { grads } = valueAndGrad(net(run), { createGraph: true })(x, w);
        return grads[0].mul(grads[0]).sum().add(grads[1].sum());
      };
    const [expected, found] = [plain, checkpoint as Run].map((run) => valueAndGrad(second(run))(image, kernel));
    for (const i of [0, 1]) {
      const [a, b] = [await expected.grads[i].data(), await found.grads[i].data()];
      b.forEach((x, j) => {
        expect(Math.abs(x - a[j])).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(a[j])));
      });
    }
  });
  it('passes through what needs no gradient', async () => {
    const x = tensor([1, 2]);
    expect(await checkpoint((t) => t.mul(3), x).data()).toEqual(Float32Array.of(3, 6));
    const p = parameter(x);
    expect(await grad(checkpoint((t) => t, p).sum(), p)[0].data()).toEqual(Float32Array.of(1, 1));
  });
});

describe('planned memory', () => {
  beforeAll(useBackend(cpu));
  it('is less: of a deep network only the blocks are kept, and the blocks of one', async () => {
    manualSeed(0);
    const [blocks, rows, width, wide] = [6, 64, 32, 256];
    const weights = Array.from({ length: blocks }, () => [parameter(randn([width, wide])), parameter(randn([wide, width]))] as const); // prettier-ignore
    const bytes = async (run: Run): Promise<{ work: number; gradient: Float32Array }> => {
      const step = compile((x: Tensor) => {
        let h = x;
        for (const [a, b] of weights) h = run((t) => t.add(t.matmul(a).tanh().matmul(b).tanh()), h);
        const loss = h.mul(h).mean();
        return grad(loss, [weights[0][0]])[0];
      });
      const gradient = (await step(tensor(new Float32Array(rows * width).map((_, i) => Math.sin(i)), { shape: [rows, width] })).data()) as Float32Array; // prettier-ignore
      return { work: Number(/(\d+) bytes of workspace/.exec(await step.explain())![1]), gradient };
    };
    const [all, few] = [await bytes(plain), await bytes(checkpoint)];
    const [kept, activations] = [rows * width * 4, rows * wide * 4];
    // what every block computes on the way, or that of one
    expect(all.work).toBeGreaterThan(blocks * (activations + kept));
    expect(few.work).toBeLessThan(3 * activations + (blocks + 4) * kept);
    few.gradient.forEach((x, i) => {
      expect(Math.abs(x - all.gradient[i])).toBeLessThanOrEqual(1e-5 * Math.abs(all.gradient[i]) + 1e-7);
    });
  });
});
