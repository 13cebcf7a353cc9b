import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { referenceBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Backend,
  defineOptimizer,
  keep,
  noGrad,
  number,
  parameter,
  registerBackward,
  setDefaultBackend,
  type Tensor,
  tensor,
  variable,
  zerosLike,
} from '../src/index.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Counts the memories that are not freed. */
function counting(): Backend & { live: number } {
  const inner = referenceBackend();
  const backend = {
    ...inner,
    live: 0,
    allocate: (shape: readonly number[], dtype: 'float32') => {
      const memory = inner.allocate(shape, dtype);
      const free = memory.free.bind(memory);
      backend.live += 1;
      return Object.assign(memory, {
        backend,
        free: () => {
          backend.live -= 1;
          free();
        },
      });
    },
  } as Backend & { live: number };
  return backend;
}
const backend = counting();
beforeAll(() => {
  setDefaultBackend(backend);
});

const plain = defineOptimizer({
  name: 'plain',
  options: { lr: number({ default: 1e-4 }) },
  init: (p) => ({ last: zerosLike(p) }),
  scalars: ({ lr }, step) => ({ lr: lr / step }),
  update: ({ parameter, gradient, state, scalars }) => ({
    parameter: parameter.sub(gradient.add(state.last).mul(scalars.lr)),
    state: { last: gradient },
  }),
});

function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Trains w·x to be y, as autograd's `backward` does it. */
function training(): () => Tensor {
  const w = parameter(tensor([0.5, -0.5]));
  const optimizer = plain([w]);
  const [x, y] = [tensor([1, 2]), tensor([1, 1])];
  return () => {
    optimizer.zeroGrad();
    const error = w.mul(x).sub(y);
    const loss = error.mul(error).sum();
    w.grad = noGrad(() => error.mul(x).mul(2));
    registerBackward(loss.node, [w], false);
    optimizer.step();
    return loss;
  };
}

describe('10,000 steps without any dispose leave the memory flat', () => {
  /** How much the heap and the live memories grow from one tenth of the steps on. */
  async function growth(
    after: (loss: Tensor) => Promise<unknown> | undefined,
  ): Promise<{ heap: number; live: number }> {
    const step = training();
    let before = { heap: 0, live: 0 };
    for (let i = 0; i < 10_000; i++) {
      if (i === 1000) before = { heap: heap(), live: backend.live };
      const reading = after(step());
      if (reading !== undefined) await reading;
    }
    return { heap: heap() - before.heap, live: backend.live - before.live };
  }
  it('in a loop that never waits', async () => {
    const { heap, live } = await growth(() => undefined);
    expect(live).toBe(0);
    expect(heap).toBeLessThan(500_000);
  });
  it('in a loop that reads at every step', async () => {
    const { heap, live } = await growth((loss) => loss.item());
    expect(live).toBe(0);
    expect(heap).toBeLessThan(500_000);
  });
  it('where every loss is held and read at the end, each the value of its own step', async () => {
    const losses: Tensor[] = [];
    const { heap, live } = await growth((loss) => {
      losses.push(loss);
      return undefined;
    });
    expect(live).toBe(0);
    expect(heap / 9000).toBeLessThan(1500); // bytes for a tensor, its node and a number
    const values = await Promise.all(losses.map((l) => l.item()));
    const step = training();
    for (const value of values.slice(0, 20)) expect(await step().item()).toBe(value);
    expect(values.every((x, i) => i === 0 || x <= values[i - 1])).toBe(true);
  });
});

it('memory that nobody refers to any more is given back when the collector finds out', async () => {
  const before = backend.live;
  for (let i = 0; i < 10; i++) {
    const v = variable(tensor([i]));
    const kept = keep(v.add(1));
    v.add(kept).dataSync();
  }
  expect(backend.live).toBeGreaterThan(before);
  for (let i = 0; i < 20 && backend.live > before; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(backend.live).toBeLessThanOrEqual(before + 1);
});
