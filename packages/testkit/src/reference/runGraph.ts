import {
  type Graph,
  hostArray,
  isMemory,
  type KindlingError,
  type Memory,
  showShape,
  sizeOf,
  type TypedArray,
} from '@kindling/core';
import { evaluateNode, number } from './evaluateNode.js';
import type { ReferenceMemory } from './referenceMemory.js';
import type { Value } from './value.js';

/** One node after another; then the outputs, so that every input is read before anything is overwritten. */
export function runGraph(
  graph: Graph,
  inputs: readonly (TypedArray | Memory)[],
  scalars: Float64Array,
  outputs: readonly (Memory | undefined)[],
  report: (error: KindlingError) => void,
): (TypedArray | undefined)[] {
  if (inputs.length !== graph.inputs.length || scalars.length !== graph.scalars.length)
    throw new Error(
      `a graph of ${graph.inputs.length} inputs and ${graph.scalars.length} scalars was given ${inputs.length} and ${scalars.length}`,
    );
  const given = new Map<number, TypedArray>();
  graph.inputs.forEach((node, i) => given.set(node, inputArray(graph, node, inputs[i])));
  graph.scalars.forEach((node, i) => given.set(node, number(scalars[i], graph.nodes[node].dtype)));
  const values: Value[] = [];
  graph.nodes.forEach((node, i) => {
    const operands = node.inputs.map((at) => values[at]);
    values.push({
      array: given.get(i) ?? evaluateNode(node, operands, report),
      shape: node.shape,
      dtype: node.dtype,
    });
  });
  const results = graph.outputs.map(({ node }) => values[node].array.slice());
  return graph.outputs.map(({ to }, i) => {
    if (to === 'host') return results[i];
    (outputs[i] as ReferenceMemory).write(results[i]);
    return undefined;
  });
}

function inputArray(graph: Graph, node: number, input: TypedArray | Memory): TypedArray {
  const { shape, dtype } = graph.nodes[node];
  const array = isMemory(input) ? (input as ReferenceMemory).array : input;
  if (array.length !== sizeOf(shape) || array.constructor !== hostArray(dtype, 0).constructor)
    throw new Error(
      `an input of ${dtype} ${showShape(shape)} was given a ${array.constructor.name} of ${array.length}`,
    );
  return array;
}
