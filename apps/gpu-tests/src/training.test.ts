import { cpu } from '@kindling/cpu-backend';
import { backward } from '@kindling/autograd';
import {
  type Backend,
  compile,
  manualSeed,
  parameter,
  relu,
  setDefaultBackend,
  tensor,
  type Tensor,
} from '@kindling/core';
import { kernelBackend } from '@kindling/compiler';
import { crossEntropyLoss } from '@kindling/losses';
import { adam } from '@kindling/optimizers';
import { afterEach, expect, test } from 'vitest';
import { random } from '../../../packages/cpu-backend/test/randomKernel.js';
import { gpuSuite, openDevice } from './gpuSuite.js';

const batch = 64;
const sizes = [784, 256, 128, 10];

function numbers(count: number, scale: number, seed: number): Float32Array {
  const pick = random(seed);
  return Float32Array.from({ length: count }, () => (pick(2 ** 24) / 2 ** 23 - 1) * scale);
}

/** A perceptron, its optimizer, and a step that is compiled; the same numbers whatever the backend. */
function mlp() {
  const layers = sizes.slice(1).map((out, i) => {
    const scale = Math.sqrt(6 / sizes[i]);
    return {
      w: parameter(tensor(numbers(sizes[i] * out, scale, 10 + i), { shape: [sizes[i], out] })),
      b: parameter(tensor(new Float32Array(out), { shape: [out] })),
    };
  });
  const loss = crossEntropyLoss();
  const optimizer = adam(
    layers.flatMap(({ w, b }) => [w, b]),
    { lr: 1e-3 },
  );
  const step = compile((x: Tensor, y: Tensor) => {
    const logits = layers.reduce((h, { w, b }, i) => {
      const z = h.matmul(w).add(b);
      return i < layers.length - 1 ? relu(z) : z;
    }, x);
    const value = loss(logits, y);
    backward(value);
    optimizer.step();
    optimizer.zeroGrad();
    return value;
  });
  const batches = Array.from({ length: 8 }, (_, i) => {
    const pick = random(100 + i);
    return {
      x: tensor(numbers(batch * sizes[0], 1, 50 + i), { shape: [batch, sizes[0]] }),
      y: tensor(Int32Array.from({ length: batch }, () => pick(10))),
    };
  });
  return { layers, step: (i: number) => step(batches[i % 8].x, batches[i % 8].y) };
}

async function curve(backend: Backend, steps: number): Promise<number[]> {
  setDefaultBackend(backend);
  manualSeed(1);
  const { step } = mlp();
  const losses: number[] = [];
  for (let i = 0; i < steps; i++) losses.push(await step(i).item());
  return losses;
}

gpuSuite('training', () => {
  afterEach(() => setDefaultBackend(undefined));

  test("a perceptron has the CPU's losses over 100 steps", async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    const got = await curve(backend, 100);
    const other = await cpu();
    const wanted = await curve(other, 100);
    expect(wanted[99]).toBeLessThan(wanted[0] / 2);
    got.forEach((loss, i) => expect(Math.abs(loss / wanted[i] - 1), `step ${i}`).toBeLessThan(1e-3));
    await Promise.all([backend.close(), other.close()]);
  });

  test('2,000 captured steps take no more memory than 100, and report no error', async () => {
    const { device } = await openDevice();
    const backend = kernelBackend(device);
    setDefaultBackend(backend);
    const { step } = mlp();
    let after100 = 0;
    for (let i = 0; i < 2000; i++) {
      const loss = step(i);
      if (i % 20 === 19) expect(Number.isFinite(await loss.item())).toBe(true);
      if (i === 99) after100 = device.memory.bytes;
    }
    await backend.finished();
    expect(device.memory.bytes).toBeLessThanOrEqual(after100 * 1.01);
    await backend.close();
  });
});
