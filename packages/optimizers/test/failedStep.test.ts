import { backward } from '@kindling/autograd';
import {
  type Backend,
  compile,
  hostState,
  manualSeed,
  parameter,
  rand,
  setDefaultBackend,
  tensor,
} from '@kindling/core';
import { referenceBackend } from '@kindling/testkit';
import { afterAll, expect, test } from 'vitest';
import { adam, combineOptimizers, exponentialLR, nadam } from '../src/index.js';

const inner = referenceBackend();
let isFull = false;
const backend: Backend = {
  ...inner,
  allocate: (shape, dtype) => Object.assign(inner.allocate(shape, dtype), { backend }),
  prepare: (graph) => {
    const executable = inner.prepare(graph);
    return {
      run: (...given) => {
        if (isFull) throw new RangeError('there is no room');
        return executable.run(...given);
      },
    };
  },
};

afterAll(() => setDefaultBackend(undefined));

/** Seven steps with a schedule; those in `failing` are refused first. */
async function trained(kind: 'eager' | 'compiled', failing: readonly number[]) {
  setDefaultBackend(backend);
  manualSeed(3);
  const [w, b] = [parameter(tensor([0.5, -0.25])), parameter(tensor(0.1))];
  const optimizer = combineOptimizers(adam([w], { lr: 0.1 }), nadam([b], { lr: 0.05 }));
  const schedule = exponentialLR(optimizer, { gamma: 0.9 });
  const noise = rand([7, 2]);
  const body = (x: ReturnType<typeof tensor>) => {
    optimizer.zeroGrad();
    // a draw that was made stays made, unless it is part of a call that fails
    const input = kind === 'compiled' ? x.add(rand([2])) : x;
    const error = w.mul(input).sum().add(b).sub(1);
    const loss = error.mul(error);
    backward(loss);
    optimizer.step();
    return loss;
  };
  const step = kind === 'compiled' ? compile(body) : body;
  const losses: number[] = [];
  for (let i = 0; i < 7; i++) {
    const x = tensor([((await noise.toArray()) as number[][])[i][0], i - 3]);
    if (failing.includes(i)) {
      isFull = true;
      expect(() => step(x)).toThrow('no room');
      expect(() => step(x)).toThrow('no room');
      isFull = false;
    }
    losses.push(await step(x).item());
    schedule.step();
  }
  const state = await hostState(optimizer.stateDict());
  return { losses, state: Object.fromEntries(Object.entries(state).map(([k, t]) => [k, [...t.dataSync()]])), w: await w.data(), b: await b.data() }; // prettier-ignore
}

test.each(['eager', 'compiled'] as const)('%s: a step that fails has not been taken', async (kind) => {
  const wanted = await trained(kind, []);
  expect(wanted.state['0.state.0.step']).toEqual([7]);
  expect(await trained(kind, [0, 2, 3, 6])).toEqual(wanted);
});
