import { type Backend, type DType, type Graph, isMemory, type Memory, sizeOf, type TypedArray } from '@kindling/core';
import { evaluateNode, number } from '../reference/evaluateNode.js';
import type { Bounded } from './bounded.js';
import { errorOf } from './errorOf.js';
import type { Tolerance } from './tolerance.js';

/**
 * A backend on which a tensor reads as how far from the reference's value a correct backend's may be. Errors are
 * carried through the graph with the values: where a value may be on the other side of a jump, it may be anything.
 */
export function boundsBackend(tolerance: Tolerance = {}): Backend {
  const given = { basic: 1, functions: 4, sums: 1, ...tolerance };
  const backend: Backend = {
    name: 'bounds',
    dtypes: new Set(['float32', 'float64', 'float16', 'int32', 'uint32', 'bool']),
    allocate: (shape, dtype) => new BoundsMemory(backend, shape, dtype),
    write: (memory, data) => {
      (memory as BoundsMemory).content = exact(data.slice(), memory.shape, memory.dtype);
    },
    prepare: (graph) => ({ run: (inputs, scalars, outputs) => run(backend, graph, inputs, scalars, outputs, given) }),
    finished: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return backend;
}

/** Holds a value and its error, so that both go on into later computations, and reads as the error. */
class BoundsMemory implements Memory {
  content: Bounded | undefined;
  constructor(
    readonly backend: Backend,
    readonly shape: readonly number[],
    readonly dtype: DType,
  ) {}
  read(): Promise<TypedArray> {
    return Promise.resolve(this.readSync());
  }
  readSync(): TypedArray {
    return this.content?.error.slice() ?? new Float64Array(sizeOf(this.shape));
  }
  free(): void {
    this.content = undefined;
  }
}

function exact(array: TypedArray, shape: readonly number[], dtype: DType): Bounded {
  return { array, shape, dtype, error: new Float64Array(array.length) };
}

function run(
  backend: Backend,
  graph: Graph,
  inputs: readonly (TypedArray | Memory)[],
  scalars: Float64Array,
  outputs: readonly (Memory | undefined)[],
  tolerance: Required<Tolerance>,
): (Memory | undefined)[] {
  const values: Bounded[] = [];
  graph.nodes.forEach((node, i) => {
    const { shape, dtype } = node;
    const input = inputs[graph.inputs.indexOf(i)] as TypedArray | Memory | undefined;
    if (input !== undefined && isMemory(input)) values.push((input as BoundsMemory).content!);
    else if (input !== undefined) values.push(exact(input, shape, dtype));
    else if (node.op === 'scalar') values.push(exact(number(scalars[graph.scalars.indexOf(i)], dtype), shape, dtype));
    else {
      const operands = node.inputs.map((at) => values[at]);
      const array = evaluateNode(node, operands, () => undefined);
      const value = { array, shape, dtype };
      values.push({ ...value, error: errorOf(node, operands, value, tolerance) });
    }
  });
  return graph.outputs.map(({ node, to }, i) => {
    const memory = (outputs[i] ?? backend.allocate(values[node].shape, values[node].dtype)) as BoundsMemory;
    memory.content = values[node];
    return to === 'host' ? memory : undefined;
  });
}
