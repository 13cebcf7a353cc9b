import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { referenceBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  assign,
  type Backend,
  compile,
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
function counting(): Backend & { live: number; isFull: boolean } {
  const inner = referenceBackend();
  const backend = {
    ...inner,
    live: 0,
    /** Whether there is no room for what programs need besides their results. */
    isFull: false,
    prepare: (graph: Parameters<Backend['prepare']>[0]) => {
      const executable = inner.prepare(graph);
      return {
        run: (...given: Parameters<typeof executable.run>) => {
          if (backend.isFull) throw new RangeError('there is no room');
          return executable.run(...given);
        },
      };
    },
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
  } as Backend & { live: number; isFull: boolean };
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

describe.each(['a program', 'a compiled function'])('%s for which there is no room', (kind) => {
  it('holds no memory and leaves variables as they were', async () => {
    const v = variable(tensor([1, 2]));
    const body = (x: Tensor) => {
      assign(v, x.mul(2));
      return keep(x.add(1));
    };
    const run = kind === 'a program' ? (x: Tensor) => body(x).dataSync() : compile(body);
    const before = backend.live;
    backend.isFull = true;
    try {
      expect(() => run(tensor([3, 4]))).toThrow('no room');
    } finally {
      backend.isFull = false;
    }
    expect(backend.live).toBe(before);
    expect([...(await v.data())]).toEqual([1, 2]);
    run(tensor([3, 4]));
    expect([...(await v.data())]).toEqual([6, 8]);
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
