import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { synchronousBackend } from '@kindling/compiler';
import type { Graph } from '@kindling/core';
import { expect, it } from 'vitest';
import { cpuDevice } from '../src/device.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it('a program that nobody has any more gives its recording back', async () => {
  const device = cpuDevice({ relaxedSimd: false });
  let live = 0;
  const backend = synchronousBackend({
    ...device,
    record: (launches) => {
      const recording = device.record!(launches);
      live += 1;
      return {
        ...recording,
        free: () => {
          live -= 1;
          recording.free!();
        },
      };
    },
  });
  for (let length = 1; length <= 20; length++) {
    const like = { shape: [length], dtype: 'float32' } as const;
    const graph: Graph = {
      nodes: [
        { op: 'input', inputs: [], ...like, attribute: 'host' },
        { op: 'exp', inputs: [0], ...like, attribute: undefined },
      ],
      inputs: [0],
      scalars: [],
      outputs: [{ node: 1, to: 'host' }],
    };
    const [result] = backend.prepare(graph).run([new Float32Array(length)], new Float64Array(0), [undefined]);
    expect(result).toEqual(new Float32Array(length).fill(1));
  }
  expect(live).toBe(20);
  for (let i = 0; i < 40 && live > 1; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(live).toBeLessThan(2);
});
