import { type Backend, type Graph, type GraphNode, isMemory } from '@kindling/core';
import { describe, expect, it } from 'vitest';
import { conformance, referenceBackend } from '../src/index.js';

describe('the reference backend conforms', () => {
  for (const { name, run } of conformance('reference', () => Promise.resolve(referenceBackend()), { expressions: 10 }))
    it(name, run);
});

/** The reference backend with its graphs changed before they are prepared. */
function changed(change: (node: GraphNode, graph: Graph) => GraphNode): Backend {
  const backend = referenceBackend();
  const prepare = backend.prepare.bind(backend);
  return Object.assign(backend, {
    prepare: (graph: Graph) => prepare({ ...graph, nodes: graph.nodes.map((n) => change(n, graph)) }),
  });
}
const instead = (op: string, other: GraphNode['op']): Backend =>
  changed((n) => (n.op === op ? { ...n, op: other } : n));

/** The names of the cases of a topic that fail. */
async function failures(backend: Backend, topic: string): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of conformance('it', () => Promise.resolve(backend), { expressions: 6 }))
    if (name.includes(topic)) await run().catch(() => failed.push(name.slice('it: '.length)));
  return failed;
}

describe('a backend with an error in it does not', () => {
  it.each([
    ['floor', 'trunc', 'floor of float32'],
    ['lt', 'le', 'lt of int32'],
    ['max', 'min', 'max of uint32'],
    ['shr', 'shl', 'shr of int32'],
    ['sin', 'tanh', 'sin of float64'],
  ] as const)('%s is %s', async (op, other, name) => {
    expect(await failures(instead(op, other), name)).toEqual([name]);
  });
  it('a reduction that is another one', async () => {
    expect(await failures(instead('amax', 'amin'), 'max over')).toContain('max over dimensions of float32');
    expect((await failures(instead('sum', 'amax'), 'sum')).length).toBeGreaterThan(5);
  });
  it('views that are not moved', async () => {
    const backend = changed((n) => (n.op === 'flip' ? { ...n, attribute: [] } : n));
    const failed = await failures(backend, 'flip');
    expect(failed).toContain('flip, then permute');
    expect(failed).toContain('reshape, then flip');
  });
  it('an approximation that is off by more than it may be', async () => {
    const backend = referenceBackend();
    const prepare = backend.prepare.bind(backend);
    Object.assign(backend, {
      prepare: (graph: Graph) => {
        const executable = prepare(graph);
        if (!graph.nodes.some((n) => n.op === 'exp' && n.dtype === 'float32')) return executable;
        return {
          run: (...args: Parameters<typeof executable.run>) =>
            executable.run(...args).map((r) => (r === undefined || isMemory(r) ? r : r.map((x) => x * (1 + 1e-6)))),
        };
      },
    });
    expect(await failures(backend, 'exp of')).toEqual(['exp of float32']);
  });
  it('numbers that are compiled in', async () => {
    const backend = referenceBackend();
    const prepare = backend.prepare.bind(backend);
    Object.assign(backend, {
      prepare: (graph: Graph) => {
        const executable = prepare(graph);
        let first: Float64Array | undefined;
        return {
          run: (inputs: never, scalars: Float64Array, outputs: never) =>
            executable.run(inputs, (first ??= scalars), outputs),
        };
      },
    });
    expect(await failures(backend, 'other inputs and numbers')).toHaveLength(1);
    expect(await failures(backend, 'parameters of many shapes')).toHaveLength(1);
    expect(await failures(backend, 'compiled function')).toHaveLength(1);
  });
  it('outputs that are written before all inputs are read', async () => {
    const backend = referenceBackend();
    const prepare = backend.prepare.bind(backend);
    Object.assign(backend, {
      prepare: (graph: Graph) => ({
        // one output after another, as if each were a program of its own
        run: (inputs: never, scalars: Float64Array, outputs: never[]) =>
          graph.outputs.map((o, i) => prepare({ ...graph, outputs: [o] }).run(inputs, scalars, [outputs[i]])[0]),
      }),
    });
    expect(await failures(backend, 'change places')).toHaveLength(1);
    expect(await failures(backend, 'outputs over inputs')).toHaveLength(1);
  });
  it('memory that is not copied', async () => {
    const backend = referenceBackend();
    const allocate = backend.allocate.bind(backend);
    Object.assign(backend, {
      allocate: (...args: Parameters<typeof allocate>) => {
        const memory = allocate(...args);
        return Object.assign(memory, { read: () => Promise.resolve((memory as unknown as { array: unknown }).array) });
      },
    });
    expect(await failures(backend, 'memory of float32')).toHaveLength(1);
  });
  it('faults that nobody hears of', async () => {
    expect(await failures(Object.assign(referenceBackend(), { check: undefined }), 'out of range')).toEqual([
      'gather out of range',
      'scatterAdd out of range',
    ]);
  });
  it('random bits of its own', async () => {
    const backend = changed((n) => (n.op === 'random' ? { ...n, inputs: [n.inputs[1], n.inputs[0], n.inputs[2]] } : n));
    expect(await failures(backend, 'random bits')).toEqual(['random bits: known answers']);
  });
});

describe('what is left out', () => {
  it('is what a backend says it lacks', () => {
    const names = conformance('it', () => Promise.reject(new Error('not opened')), {
      supports: { dtypes: ['float32', 'int32', 'uint32', 'bool'], nonFinite: false },
    }).map((c) => c.name);
    expect(names.filter((n) => n.includes('float64') || n.includes('float16'))).toEqual([]);
    expect(names).toContain('it: exp of float32');
    expect(new Set(names).size).toBe(names.length);
  });
});
