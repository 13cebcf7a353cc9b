import { backward } from '@kindling/autograd';
import { compile, manualSeed, parameter, randint, randn, type Tensor } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { useBackend } from '@kindling/testkit';
import { beforeAll, expect, test } from 'vitest';
import { crossEntropyLoss, linearCrossEntropyLoss } from '../src/index.js';

const [rows, features, classes] = [256, 8, 4096];
const logitBytes = rows * classes * 4;

beforeAll(useBackend(cpu));

/** Bytes of the workspace of a program of value and gradients, and what it gives. */
async function planned(
  loss: (x: Tensor, t: Tensor, w: Tensor) => Tensor,
): Promise<{ bytes: number; results: number[][] }> {
  manualSeed(3);
  const [x, w] = [parameter(randn([rows, features])), parameter(randn([classes, features]))];
  const target = randint(0, classes, [rows]);
  const step = compile((t: Tensor) => {
    [x.grad, w.grad] = [undefined, undefined];
    const value = loss(x, t, w);
    backward(value);
    return value;
  });
  const value = step(target);
  const results = await Promise.all([value, x.grad!, w.grad!].map(async (t) => [...(await t.data())]));
  const bytes = Number(/(\d+) bytes of workspace/.exec(await step.explain())![1]);
  return { bytes, results };
}

test('the logits are never all in memory, and value and gradients are the same', async () => {
  const plain = await planned((x, t, w) => crossEntropyLoss()(x.matmul(w.transpose()), t));
  const parts = await planned((x, t, w) => linearCrossEntropyLoss({ chunks: 16 })(x, t, w));
  expect(plain.bytes).toBeGreaterThan(logitBytes);
  // two parts of sixteen, and what is as long as the rows or the classes
  expect(parts.bytes).toBeLessThan(logitBytes / 6);
  parts.results.forEach((list, i) => {
    const greatest = Math.max(...plain.results[i].map(Math.abs));
    list.forEach((v, j) => {
      if (!(Math.abs(v - plain.results[i][j]) <= 1e-5 * greatest)) expect(v).toBe(plain.results[i][j]);
    });
  });
});
