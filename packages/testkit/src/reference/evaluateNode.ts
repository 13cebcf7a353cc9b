import { rounding } from '@kindling/compiler';
import { type ElementwiseOp, type GraphNode, hostArray, type TypedArray } from '@kindling/core';
import { elementwise } from './elementwise.js';
import { gather, type Report, scatterAdd } from './indexing.js';
import { matmul } from './matmul.js';
import { movement } from './movement.js';
import { reduction } from './reduction.js';
import type { Value } from './value.js';

/** The elements of one node from those of its inputs. What the leaves are worth is known to the caller. */
export function evaluateNode(
  { op, shape, dtype, attribute }: GraphNode,
  inputs: readonly Value[],
  report: Report,
): TypedArray {
  // prettier-ignore
  switch (op) {
    case 'iota':
      return hostArray(dtype, shape[0]).map((_, i) => i);
    case 'const':
      return number(attribute as number, dtype);
    case 'reshape':
    case 'permute':
    case 'expand':
    case 'pad':
    case 'shrink':
    case 'flip':
    case 'unfold':
      return movement(op, inputs[0], shape, attribute);
    case 'sum':
    case 'prod':
    case 'amax':
    case 'amin':
    case 'argmax':
    case 'argmin':
      return reduction(op, inputs[0], shape, dtype, attribute as readonly number[]);
    case 'matmul':
      return matmul(inputs[0], inputs[1]);
    case 'gather':
      return gather(inputs[0], inputs[1], attribute as number, report);
    case 'scatterAdd':
      return scatterAdd(inputs[0], inputs[1], inputs[2], attribute as number, report);
    case 'after':
    case 'identity':
      return inputs[0].array;
    case 'input':
    case 'scalar':
    case 'data':
    case 'variable':
    case 'argument':
      throw new Error(`'${op}' has no value of its own`);
    default:
      return elementwise(op satisfies ElementwiseOp, inputs, shape, dtype);
  }
}

/** A host number as the only element of an array: integers wrap, as in arithmetic. */
export function number(value: number, dtype: GraphNode['dtype']): TypedArray {
  const array = hostArray(dtype, 1);
  array[0] = dtype === 'bool' ? Number(value !== 0) : rounding(dtype)(value);
  return array;
}
