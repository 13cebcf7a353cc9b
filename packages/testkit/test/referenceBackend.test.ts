import { type Graph, tensor } from '@kindling/core';
import { describe, expect, it } from 'vitest';
import { referenceBackend } from '../src/index.js';

const input = { op: 'input', inputs: [], shape: [2], dtype: 'float32', attribute: undefined } as const;
const none = new Float64Array(0);

describe('the reference backend', () => {
  it('copies what is written and read', async () => {
    const backend = referenceBackend();
    const memory = backend.allocate([2], 'float32');
    const array = Float32Array.of(1, 2);
    backend.write(memory, array);
    array[0] = 9;
    const first = await memory.read();
    first[1] = 9;
    expect([...(await memory.read())]).toEqual([1, 2]);
    memory.free();
    expect(() => memory.readSync!()).toThrow('after it was freed');
  });

  it('reads all inputs before it overwrites any', () => {
    const backend = referenceBackend();
    const [a, b] = [backend.allocate([2], 'float32'), backend.allocate([2], 'float32')];
    backend.write(a, Float32Array.of(1, 2));
    backend.write(b, Float32Array.of(3, 4));
    const exchange: Graph = {
      nodes: [input, input],
      inputs: [0, 1],
      scalars: [],
      outputs: [
        { node: 0, to: 'memory', over: 1 },
        { node: 1, to: 'memory', over: 0 },
        { node: 0, to: 'host' },
      ],
    };
    const [, , host] = backend.prepare(exchange).run([a, b], none, [b, a, undefined]);
    expect([a.readSync!(), b.readSync!(), host]).toEqual([
      Float32Array.of(3, 4),
      Float32Array.of(1, 2),
      Float32Array.of(1, 2),
    ]);
  });

  it('clamps an index out of range and says so once', async () => {
    const backend = referenceBackend();
    const x = await tensor([[1, 2, 3]]).to(backend);
    const graph: Graph = {
      nodes: [
        { ...input, shape: [1, 3] },
        { ...input, shape: [1, 2], dtype: 'int32' },
        { op: 'gather', inputs: [0, 1], shape: [1, 2], dtype: 'float32', attribute: 1 },
      ],
      inputs: [0, 1],
      scalars: [],
      outputs: [{ node: 2, to: 'host' }],
    };
    const [out] = backend.prepare(graph).run([x.dataSync(), Int32Array.of(7, -1)], none, [undefined]);
    expect(out).toEqual(Float32Array.of(3, 1));
    expect(() => backend.check!()).toThrow(
      'gather: index 7 is out of range for dimension 1 of shape [1, 3]; use 0 to 2',
    );
    expect(() => backend.check!()).not.toThrow();
  });
});
