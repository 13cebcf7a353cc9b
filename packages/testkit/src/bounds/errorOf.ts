import type { DType, ElementwiseOp, GraphNode } from '@kindling/core';
import { isFloat } from '@kindling/core';
import { gather } from '../reference/indexing.js';
import { matmul } from '../reference/matmul.js';
import { movement } from '../reference/movement.js';
import type { Value } from '../reference/value.js';
import type { Bounded } from './bounded.js';
import { elementwiseError } from './elementwiseError.js';
import { reductionError, sumRounding } from './reductionError.js';
import { scatterAddError } from './scatterAddError.js';
import { greatestFinite, type Tolerance } from './tolerance.js';

/** How far from `out`, the reference's, a correct backend's value of the node may be. */
export function errorOf(
  node: GraphNode,
  inputs: readonly Bounded[],
  out: Value,
  tolerance: Required<Tolerance>,
): Float64Array {
  // prettier-ignore
  const error = rawError(node, inputs, out, tolerance);
  const greatest = isFloat(node.dtype) ? greatestFinite(node.dtype) : Infinity;
  for (let i = 0; i < error.length; i++) {
    const overflows = Number.isFinite(out.array[i]) && Math.abs(out.array[i]) + error[i] > greatest;
    if (Number.isNaN(error[i]) || overflows) error[i] = Infinity;
  }
  return error;
}

function rawError(
  node: GraphNode,
  inputs: readonly Bounded[],
  out: Value,
  tolerance: Required<Tolerance>,
): Float64Array {
  // prettier-ignore
  const { op, shape, dtype, attribute } = node;
  switch (op) {
    case 'input':
    case 'scalar':
    case 'const':
    case 'iota':
    case 'data':
    case 'variable':
    case 'argument':
      return new Float64Array(out.array.length);
    case 'reshape':
    case 'permute':
    case 'expand':
    case 'pad':
    case 'shrink':
    case 'flip':
    case 'unfold':
      return movement(op, errors(inputs[0]), shape, attribute) as Float64Array;
    case 'after':
    case 'identity':
      return inputs[0].error;
    case 'sum':
    case 'prod':
    case 'amax':
    case 'amin':
    case 'argmax':
    case 'argmin':
      return reductionError(op, inputs[0], shape, attribute as readonly number[], tolerance);
    case 'matmul':
      return matmulError(inputs[0], inputs[1], dtype, tolerance);
    case 'gather':
      return gatherError(inputs[0], inputs[1], attribute as number);
    case 'scatterAdd':
      return scatterAddError(inputs[0], inputs[1], inputs[2], attribute as number, tolerance);
    default:
      return elementwiseError(op satisfies ElementwiseOp, inputs, out.array, dtype, tolerance);
  }
}

/** The errors as values, which move and add up as values do. */
function errors({ shape, error }: Bounded): Value {
  return { array: error, shape, dtype: 'float64' };
}
function sizes({ shape, array }: Bounded): Value {
  return { array: Float64Array.from(array, Math.abs), shape, dtype: 'float64' };
}

function matmulError(a: Bounded, b: Bounded, dtype: DType, tolerance: Required<Tolerance>): Float64Array {
  const exact = a.error.every((e) => e === 0) && b.error.every((e) => e === 0);
  const magnitude = matmul(sizes(a), sizes(b)) as Float64Array;
  if (!isFloat(dtype)) return magnitude.map(() => (exact ? 0 : Infinity));
  const terms = a.shape[a.shape.length - 1];
  const error = magnitude.map((m) => sumRounding(terms + 1, m, dtype, tolerance));
  if (exact) return error;
  const parts = [matmul(sizes(a), errors(b)), matmul(errors(a), sizes(b)), matmul(errors(a), errors(b))];
  return error.map((e, i) => e + parts[0][i] + parts[1][i] + parts[2][i]);
}

function gatherError(data: Bounded, index: Bounded, dim: number): Float64Array {
  const taken = gather(errors(data), index, dim, () => undefined) as Float64Array;
  return taken.map((e, i) => (index.error[i] > 0 ? Infinity : e));
}
