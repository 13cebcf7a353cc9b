import { type Backend, type Graph, type Tensor } from '@kindling/core';
import { expect, it } from 'vitest';
import { evaluateOn, randomGraph, referenceBackend } from '../src/index.js';

it('is the same for the same seed', async () => {
  const [a, b] = [randomGraph(5), randomGraph(5)];
  expect(a.description).toBe(b.description);
  expect(a.data).toEqual(b.data);
  expect(await evaluateOn(referenceBackend(), a, 'apart')).toEqual(await evaluateOn(referenceBackend(), b, 'together'));
  expect(randomGraph(6).description).not.toBe(a.description);
});

it('meets every operation, dtype and kind of size', async () => {
  const operations = new Set<string>();
  const dtypes = new Set<string>();
  const sizes = new Set<number>();
  const backend: Backend = referenceBackend();
  const prepare = backend.prepare.bind(backend);
  Object.assign(backend, {
    prepare: (graph: Graph) => {
      for (const n of graph.nodes) {
        operations.add(n.op);
        dtypes.add(n.dtype);
        n.shape.forEach((size) => sizes.add(size));
      }
      return prepare(graph);
    },
  });
  for (let seed = 0; seed < 120; seed++) await evaluateOn(backend, randomGraph(seed, { elements: 60 }), 'together');
  const met = [
    'neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'trunc', 'sqrt', 'exp', 'log', 'sin', 'cos', 'tanh', 'erf', 'not',
    'add', 'sub', 'mul', 'div', 'mod', 'pow', 'max', 'min', 'lt', 'le', 'eq', 'ne', 'and', 'or', 'xor', 'shl', 'shr',
    'where', 'random', 'cast', 'reshape', 'permute', 'expand', 'pad', 'shrink', 'flip', 'unfold',
    'sum', 'prod', 'amax', 'amin', 'argmax', 'argmin', 'matmul', 'gather', 'scatterAdd', 'identity',
    'input', 'scalar', 'const', 'iota',
  ]; // prettier-ignore
  expect(met.filter((op) => !operations.has(op))).toEqual([]);
  expect([...dtypes].sort()).toEqual(['bool', 'float32', 'float64', 'int32', 'uint32']);
  for (const size of [0, 1, 2, 13, 17]) expect(sizes).toContain(size);
});

it('keeps to the dtypes and sizes it is given', () => {
  for (let seed = 0; seed < 40; seed++) {
    const { leaves, build } = randomGraph(seed, { dtypes: ['float32', 'bool'], elements: 20, steps: 20 });
    const tensors: readonly Tensor[] = [...leaves(), ...build(leaves())];
    for (const t of tensors) {
      expect(['float32', 'bool']).toContain(t.dtype);
      expect(t.size).toBeLessThanOrEqual(20);
    }
  }
});
