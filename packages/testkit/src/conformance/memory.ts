import { type Graph, hostArray, isMemory, type Memory, type TypedArray } from '@kindling/core';
import type { Case, Context } from './context.js';

function expectValues(what: string, actual: TypedArray, expected: readonly number[]): void {
  if (actual.length !== expected.length || expected.some((x, i) => x !== actual[i]))
    throw new Error(`${what} is [${actual.join()}], not [${expected.join()}]`);
}
const read = async (value: TypedArray | Memory | undefined): Promise<TypedArray> =>
  isMemory(value!) ? value.read() : value!;

/** What the contract says of memories, inputs and outputs. */
export function memoryCases(context: Context): Case[] {
  const node = (op: 'input' | 'add', inputs: number[]): Graph['nodes'][number] => ({ op, inputs, shape: [3], dtype: 'float32', attribute: op === 'input' ? 'memory' : undefined }); // prettier-ignore
  const sum: Graph = {
    nodes: [node('input', []), node('input', []), node('add', [0, 1])],
    inputs: [0, 1],
    scalars: [],
    outputs: [
      { node: 2, to: 'memory', over: 0 },
      { node: 2, to: 'host' },
      { node: 0, to: 'host' },
      { node: 2, to: 'memory' },
      { node: 0, to: 'memory', over: 1 },
    ],
  };
  const none = new Float64Array(0);
  return [
    ...context.each(['float32', 'float64', 'int32', 'uint32', 'bool', 'float16'], (dtype) => ({
      name: `memory of ${dtype}`,
      run: async () => {
        const backend = await context.backend();
        for (const shape of [[2, 3], [], [0], [1, 1]]) {
          const size = shape.reduce((a, b) => a * b, 1);
          const data = hostArray(dtype, size).map((_, i) => i % 2);
          const expected = [...data];
          const memory = backend.allocate(shape, dtype);
          backend.write(memory, data);
          data.fill(1);
          const first = await memory.read();
          expectValues(`what was written to [${shape.join()}]`, first, expected);
          if (first.constructor !== data.constructor)
            throw new Error(`${dtype} was read as a ${first.constructor.name}, not a ${data.constructor.name}`);
          first.fill(1);
          expectValues('what is read again', await memory.read(), expected);
          if (memory.readSync !== undefined) expectValues('what is read at once', memory.readSync(), expected);
          if (memory.backend !== backend || memory.dtype !== dtype || memory.shape.join() !== shape.join())
            throw new Error('memory does not know its backend, shape and dtype');
          memory.free();
        }
      },
    })),
    {
      name: 'outputs over inputs, to new memory and to the host',
      run: async () => {
        const backend = await context.backend();
        const [a, b, c] = [1, 2, 3].map(() => backend.allocate([3], 'float32'));
        backend.write(a, Float32Array.of(1, 2, 3));
        backend.write(b, Float32Array.of(10, 20, 30));
        const executable = backend.prepare(sum);
        const results = executable.run([a, b], none, [a, undefined, undefined, c, b]);
        expectValues('the output over the first input', await a.read(), [11, 22, 33]);
        expectValues('the output over the second input', await b.read(), [1, 2, 3]);
        expectValues('the output to new memory', await c.read(), [11, 22, 33]);
        expectValues('the sum on the host', await read(results[1]), [11, 22, 33]);
        expectValues('the input on the host', await read(results[2]), [1, 2, 3]);
        // once more, with what is there now
        const again = executable.run([a, b], none, [a, undefined, undefined, c, b]);
        expectValues('the second sum', await read(again[1]), [12, 24, 36]);
        expectValues('the first sum, still', await read(results[1]), [11, 22, 33]);
        expectValues('the first memory', await a.read(), [12, 24, 36]);
        for (const memory of [a, b, c]) memory.free();
      },
    },
    {
      name: 'one structure with other inputs and numbers',
      run: async () => {
        const backend = await context.backend();
        const graph: Graph = {
          nodes: [
            { ...node('input', []), attribute: 'host' },
            { op: 'scalar', inputs: [], shape: [], dtype: 'float32', attribute: undefined },
            { ...node('add', [0, 1]) },
          ],
          inputs: [0],
          scalars: [1],
          outputs: [{ node: 2, to: 'host' }],
        };
        const executable = backend.prepare(graph);
        const input = Float32Array.of(1, 2, 3);
        const runs = [0, 1, -0.5].map((s) => {
          const results = executable.run([input], Float64Array.of(s), [undefined]);
          input.fill(9); // it was read when run was called
          input.set([1 + s, 2, 3]);
          return results[0];
        });
        const expected = [[1, 2, 3], [2, 3, 4], [1.5, 1.5, 2.5]]; // prettier-ignore
        for (const [i, result] of runs.entries()) expectValues(`run ${i}`, await read(result), expected[i]);
      },
    },
    {
      name: 'finished waits, and check is quiet',
      run: async () => {
        const backend = await context.backend();
        await backend.finished();
        backend.check?.();
      },
    },
  ];
}
