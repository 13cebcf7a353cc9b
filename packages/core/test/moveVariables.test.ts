import { backward } from '@kindling/autograd';
import { compile, defineOptimizer, hostState, moveVariables, number, parameter, setDefaultBackend, tensor, type Tensor, variable, zerosLike } from '@kindling/core'; // prettier-ignore
import { referenceBackend } from '@kindling/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const momentum = defineOptimizer({
  name: 'momentum',
  options: { lr: number({ default: 0.1 }) },
  init: (p) => ({ velocity: zerosLike(p) }),
  scalars: ({ lr }) => ({ lr }),
  update: ({ parameter: p, gradient, state, scalars }) => {
    const velocity = state.velocity.mul(0.5).add(gradient);
    return { parameter: p.sub(velocity.mul(scalars.lr)), state: { velocity } };
  },
});

describe('moving variables', () => {
  const [first, second] = [referenceBackend(), referenceBackend()];
  beforeEach(() => setDefaultBackend(first));
  afterEach(() => setDefaultBackend(undefined));

  it('takes their values and gradients along, and what waits is done before', async () => {
    const p = parameter(tensor([1, 2]));
    const v = variable(tensor([3]));
    backward(p.mul(p).sum());
    await moveVariables([p, v, tensor([0])], second);
    expect([p.backend, v.backend, p.grad!.backend]).toEqual([second, second, second]);
    expect([await p.toArray(), await v.toArray(), await p.grad!.toArray()]).toEqual([[1, 2], [3], [2, 4]]);
  });

  it('computes first values where they go', async () => {
    setDefaultBackend(undefined);
    const v = variable(tensor([1, 2]).mul(2));
    await moveVariables([v], second);
    expect([v.backend, await v.toArray()]).toEqual([second, [2, 4]]);
  });

  it('moves an optimizer in training', async () => {
    const run = async (move: boolean): Promise<unknown> => {
      const p = parameter(tensor([1, -2]));
      const optimizer = momentum([p]);
      const step = compile((scale: Tensor) => {
        optimizer.zeroGrad();
        const loss = p.mul(p).sum().mul(scale);
        backward(loss);
        optimizer.step();
        return loss;
      });
      const losses = [await step(1).item(), await step(0.5).item()];
      if (move) {
        await moveVariables([p], second);
        await optimizer.to(second);
      }
      for (let i = 0; i < 3; i++) losses.push(await step(2).item());
      expect(p.backend).toBe(move ? second : first);
      expect(optimizer.stateDict()['state.0.velocity'].backend).toBe(move ? second : first);
      return [losses, await p.toArray()];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  it('leaves all where it is if one cannot be read', async () => {
    const [a, b] = [variable(tensor([1])), variable(tensor([2]))];
    await moveVariables([a, b], first);
    Object.assign(b.memory!, { read: () => Promise.reject(new Error('lost')) });
    await expect(moveVariables([a, b], second)).rejects.toThrow('lost');
    expect([a.backend, b.backend]).toEqual([first, first]);
  });
});

describe('a compiled function', () => {
  afterEach(() => setDefaultBackend(undefined));
  it('computes where the default backend is now', async () => {
    const [first, second] = [referenceBackend(), referenceBackend()];
    const double = compile((x: Tensor) => x.mul(2));
    const runs: string[] = [];
    for (const [name, backend] of Object.entries({ first, second })) {
      const prepare = backend.prepare.bind(backend);
      Object.assign(backend, { prepare: (graph: never) => (runs.push(name), prepare(graph)) });
    }
    for (const backend of [first, second, first]) {
      setDefaultBackend(backend);
      expect(await double(tensor([1, 2])).toArray()).toEqual([2, 4]);
    }
    expect(runs).toEqual(['first', 'second']);
  });
});

it('hostState holds what a state held, whatever comes after', async () => {
  setDefaultBackend(referenceBackend());
  const p = parameter(tensor([1, 2]));
  const saved = await hostState({ p });
  const optimizer = momentum([p]);
  backward(p.sum());
  optimizer.step();
  setDefaultBackend(undefined);
  expect(saved['p'].backend).toBeUndefined();
  expect(await saved['p'].toArray()).toEqual([1, 2]);
});
