import { concat, type Tensor, tensor } from '@kindling/core';
import { compareBackends, randomGraph, referenceBackend } from '@kindling/testkit';
import { describe, expect, it } from 'vitest';
import { interpretedBackend } from './interpretedBackend.js';

const leaves = (count: number) => (): Tensor[] => Array.from({ length: count }, (_, i) => tensor([i, i / 2 + 1, -i]));

/** The interpreted backend refuses kernels with more. */
const onFew = (maxBindings: number, computation: Parameters<typeof compareBackends>[0]) =>
  compareBackends(computation, referenceBackend(), interpretedBackend({ maxBindings }));

describe('kernels use no more buffers than a device binds', () => {
  it.each([4, 8, 10])('%i of them, for 70 operands', async (maxBindings) => {
    const build = (ts: readonly Tensor[]): Tensor[] => [
      ts.reduce((sum, t) => sum.add(t)),
      ts.reduce((sum, t, i) => (i % 2 === 0 ? sum.mul(t.exp()) : sum.sub(t)).tanh()),
      concat([...ts]),
      concat([...ts]).sum(),
      ts.reduce((sum, t) => sum.add(t.flip(0))).max(),
    ];
    await onFew(maxBindings, { leaves: leaves(70), build });
  });
  it('one kernel where they fit, and as few as can be where they do not', async () => {
    const launched = async (count: number): Promise<number> => {
      const backend = interpretedBackend({ maxBindings: 8 });
      const build = (ts: readonly Tensor[]): Tensor[] => [ts.reduce((sum, t) => sum.add(t))];
      await compareBackends({ leaves: leaves(count), build }, referenceBackend(), backend, { modes: ['apart'] });
      return backend.counts.launched;
    };
    expect([await launched(6), await launched(12), await launched(32)]).toEqual([1, 2, 6]);
  });
  it.each(Array.from({ length: 60 }, (_, i) => i))('random expression %i', async (seed) => {
    await onFew(8, randomGraph(seed, { steps: 30, elements: 100 }));
  });
});
