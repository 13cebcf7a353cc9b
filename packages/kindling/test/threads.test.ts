// Whatever the number of threads, a program gives the same bits: here all is shared that can be, however small.
import { backward } from '@kindling/autograd';
import { kernelBackend } from '@kindling/compiler';
import { type Backend, compile, keep, manualSeed, randn, relu, setDefaultBackend, type Tensor } from '@kindling/core';
import { type CpuDevice, cpuDevice, threadedCpuDevice } from '@kindling/cpu-backend';
import { crossEntropyLoss } from '@kindling/losses';
import { dropout, layerNorm, linear, sequential } from '@kindling/nn';
import { adamw, clipGradNorm } from '@kindling/optimizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluateOn, randomGraph } from '../../testkit/src/index.js';

const sharing = { step: 0, chunk: 1, program: 0, toWake: 0, toStart: 0, kernels: 500, credit: 0, pause: 0 };
let single: Backend;
const teams = new Map<number, { device: CpuDevice; backend: Backend }>();

beforeAll(async () => {
  single = kernelBackend(cpuDevice({ relaxedSimd: false }));
  for (const threads of [2, 3, 4, 8]) {
    const device = await threadedCpuDevice({ relaxedSimd: false, threads, sharing });
    const backend = kernelBackend(device);
    teams.set(threads, { device, backend });
    const a = randn([64, 64]);
    while (device.threads().present < threads) await evaluateOn(backend, { leaves: () => [a], build: ([x]) => [x.matmul(x)] }, 'apart'); // prettier-ignore
  }
}, 60_000);
afterAll(async () => {
  for (const { backend } of teams.values()) await backend.close();
});

/** A model with all that training has, and what ten steps make of it. */
async function trained(backend: Backend): Promise<number[][]> {
  setDefaultBackend(backend);
  manualSeed(3);
  const model = sequential(linear(40, 96), layerNorm(96), relu, dropout(0.3), linear(96, 10));
  const optimizer = adamw(model.parameters(), { lr: 0.01 });
  const criterion = crossEntropyLoss({ labelSmoothing: 0.1 });
  const step = compile((x: Tensor) => {
    optimizer.zeroGrad();
    const loss = criterion(model.forward(x), x.slice(undefined, [0, 10]).argmax(1));
    backward(loss);
    clipGradNorm(model.parameters(), 0.5);
    optimizer.step();
    return loss;
  });
  const losses = Array.from({ length: 10 }, () => keep(step(randn([64, 40]))));
  const results: Tensor[] = [...losses, ...Object.values(model.stateDict())];
  return Promise.all(results.map(async (t) => [...(await t.data())]));
}

describe.each([2, 3, 4, 8])('%i threads', (threads) => {
  it('train as one does', async () => {
    const { backend, device } = teams.get(threads)!;
    const want = await trained(single);
    const { helped } = device.threads();
    // on a busy machine others may come too late to help
    for (let again = 0; again < 20 && device.threads().helped === helped; again++)
      expect(await trained(backend)).toEqual(want);
  });

  it('give what one gives for random expressions', async () => {
    const { backend } = teams.get(threads)!;
    for (let seed = 100 * threads; seed < 100 * threads + 10; seed++) {
      const graph = randomGraph(seed, { elements: 3000 });
      const [want, got] = [await evaluateOn(single, graph, 'together'), await evaluateOn(backend, graph, 'together')];
      want.forEach(({ values }, i) => {
        const bytes = (of: typeof values) => new Uint8Array(of.buffer, of.byteOffset, of.byteLength);
        if (Buffer.compare(bytes(values), bytes(got[i].values)) !== 0)
          expect.fail(`result ${i} of ${graph.description}`);
      });
    }
  });
});
