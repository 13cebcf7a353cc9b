import { backward } from '@kindling/autograd';
import { compile, logSoftmax, manualSeed, parameter, randint, randn, setDefaultBackend, tensor, type Tensor } from '@kindling/core'; // prettier-ignore
import { cpu } from '@kindling/cpu-backend';
import { afterEach, expect, test } from 'vitest';
import { ctcLoss } from '../src/index.js';

afterEach(() => setDefaultBackend(undefined));

/** How many kinds of kernels a training step on sequences of so many steps has. */
async function kinds(steps: number): Promise<number> {
  const backend = await cpu();
  setDefaultBackend(backend);
  manualSeed(0);
  const [batch, classes, labels] = [2, 5, 3];
  const logits = parameter(randn([steps, batch, classes]));
  const targets = randint(1, classes, [batch, labels]);
  const lengths = (n: number): Tensor => tensor(Int32Array.from({ length: batch }, (_, i) => n - i));
  const criterion = ctcLoss();
  const step = compile((t: Tensor) => {
    logits.grad = undefined;
    const loss = criterion(logSoftmax(logits, -1), t, lengths(steps), lengths(labels));
    backward(loss);
    return loss;
  });
  await targets.data();
  const loss = step(targets);
  expect(Number.isFinite(await loss.item())).toBe(true);
  await logits.grad!.data();
  const sources = (await step.explain()).split(/^kernel \d+.*$/m).slice(1);
  await backend.close();
  return new Set(sources.map((source) => source.trim())).size;
}

test('a longer sequence has more launches, and hardly more kinds of kernels', async () => {
  const short = await kinds(8);
  expect(await kinds(40)).toBeLessThan(short + 8);
}, 60_000);
