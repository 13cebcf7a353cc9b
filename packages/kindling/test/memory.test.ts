// Ten thousand training steps without a single `dispose`. Finalizers do not run in a loop without an await, so memory
// that only the garbage collector gives back would show here.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { backward } from '@kindling/autograd';
import { compile, type Parameter, parameter, setDefaultBackend, type Tensor, tensor } from '@kindling/core';
import { mseLoss } from '@kindling/losses';
import { adam, sgd } from '@kindling/optimizers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openCpu } from './openCpu.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const steps = 10_000;
/** Steps after which everything that is allocated once has been allocated. */
const warmup = 300;

const inputs = [
  [0.5, -1, 2],
  [1.5, 0.3, -0.7],
  [-0.2, 0.8, 0.1],
  [2.2, -0.4, 1.1],
];
const targets = [1, -2, 0.5, 3];

/** A tiny model and one step of its training; float64, so that ten thousand steps can be followed exactly. */
function training(): { parameters: Parameter[]; step: (input: Tensor, target: Tensor) => Tensor; lr: number } {
  const weight = parameter(tensor([[0.1], [-0.2], [0.3]], { dtype: 'float64' }));
  const bias = parameter(tensor([0.05], { dtype: 'float64' }));
  const lr = 1e-3;
  const optimizer = sgd([weight, bias], { lr });
  const criterion = mseLoss();
  const step = (input: Tensor, target: Tensor): Tensor => {
    optimizer.zeroGrad();
    const loss = criterion(input.matmul(weight).add(bias), target);
    backward(loss);
    optimizer.step();
    return loss;
  };
  return { parameters: [weight, bias], step, lr };
}

/** The same in plain arithmetic. The batch of step i is every input times `scale(i)`. */
function expectedLosses(lr: number): number[] {
  const w = [0.1, -0.2, 0.3];
  let b = 0.05;
  return Array.from({ length: steps }, (_, s) => {
    const x = inputs.map((row) => row.map((v) => v * scale(s)));
    const errors = x.map((row, i) => row.reduce((sum, v, j) => sum + v * w[j], b) - targets[i]);
    const loss = errors.reduce((sum, e) => sum + e * e, 0) / errors.length;
    const gradient = errors.map((e) => (2 * e) / errors.length);
    w.forEach((_, j) => (w[j] -= lr * gradient.reduce((sum, g, i) => sum + g * x[i][j], 0)));
    b -= lr * gradient.reduce((sum, g) => sum + g, 0);
    return loss;
  });
}
const scale = (step: number): number => 1 + 0.1 * (step % 3);
const batch = (step: number): [Tensor, Tensor] => [
  tensor(inputs.map((row) => row.map((v) => v * scale(step))), { dtype: 'float64' }),
  tensor(targets.map((t) => [t]), { dtype: 'float64' }),
]; // prettier-ignore

let cpu: ReturnType<typeof openCpu>;
beforeEach(() => {
  cpu = openCpu();
  setDefaultBackend(cpu.backend);
});
afterAll(() => {
  setDefaultBackend(undefined);
});

interface Measure {
  readonly heap: number;
  readonly outside: number;
  readonly wasm: number;
  readonly buffers: number;
}
function measure(): Measure {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, outside: arrayBuffers, wasm: cpu.wasmBytes(), buffers: cpu.counts.buffers };
}
/** Nothing may have grown by even a hundred bytes a step. */
function expectFlat(before: Measure, after: Measure, perStep = 100): void {
  expect(after.buffers).toBe(before.buffers);
  expect(after.wasm).toBe(before.wasm);
  expect(after.heap - before.heap).toBeLessThan(perStep * steps);
  expect(after.outside - before.outside).toBeLessThan(perStep * steps);
}

type Step = (input: Tensor, target: Tensor) => Tensor;
const forms: [string, (step: Step) => Step][] = [
  ['compiled', (f) => compile(f)],
  ['not compiled', (f) => f],
];

describe.each(forms)('10,000 steps, %s', (_, wrap) => {
  it('in a loop without an await', async () => {
    const run = wrap(training().step);
    let last: Tensor | undefined;
    for (let i = 0; i < warmup; i++) last = run(...batch(i));
    const before = measure();
    for (let i = warmup; i < steps; i++) last = run(...batch(i));
    expectFlat(before, measure());
    expect(await last!.item()).toBeCloseTo(expectedLosses(1e-3).at(-1)!, 9);
  });

  it('with an await in each', async () => {
    const run = wrap(training().step);
    const expected = expectedLosses(1e-3);
    for (let i = 0; i < warmup; i++) await run(...batch(i)).item();
    const before = measure();
    for (let i = warmup; i < steps; i++) {
      const loss = await run(...batch(i)).item();
      if (Math.abs(loss - expected[i]) > 1e-9 * expected[i]) throw new Error(`step ${i}: ${loss}, not ${expected[i]}`);
    }
    expectFlat(before, measure());
  });

  it('with every loss kept and read at the end', async () => {
    const run = wrap(training().step);
    const losses: Tensor[] = [];
    for (let i = 0; i < warmup; i++) losses.push(run(...batch(i)));
    const before = measure();
    for (let i = warmup; i < steps; i++) losses.push(run(...batch(i)));
    // each kept loss is a few small objects, not a graph
    expectFlat(before, measure(), 1000);
    const expected = expectedLosses(1e-3);
    for (let i = 0; i < steps; i++) {
      const loss = await losses[i].item();
      if (Math.abs(loss - expected[i]) > 1e-9 * expected[i]) throw new Error(`step ${i}: ${loss}, not ${expected[i]}`);
    }
    expect(expected[0] / expected.at(-1)!).toBeGreaterThan(1.5);
  });
});

describe('10,000 steps', () => {
  it('of an optimizer with state, with gradients accumulated and parameters read', async () => {
    const weight = parameter(tensor([[0.1], [-0.2], [0.3]]));
    const optimizer = adam([weight], { lr: 1e-3 });
    const loss = (i: number): Tensor => mseLoss()(tensor(inputs).mul(scale(i)).matmul(weight), tensor(targets.map((t) => [t]))); // prettier-ignore
    const run = (i: number): void => {
      if (i % 2 === 0) optimizer.zeroGrad();
      backward(loss(i));
      if (i % 2 === 0) return;
      optimizer.step();
      if (i % 51 === 0) weight.dataSync();
    };
    for (let i = 0; i < warmup; i++) run(i);
    const before = measure();
    for (let i = warmup; i < steps; i++) run(i);
    expectFlat(before, measure());
    expect(Number.isFinite(await weight.sum().item())).toBe(true);
  });
});
