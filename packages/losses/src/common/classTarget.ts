import { asIndices, isFloat, KindlingError, oneHot, sameShape, showShape, sizeOf, type Tensor } from '@kindling/core';
import { asFloat } from './elementwise.js';

/** A target of a classification loss: a class a sample, or a probability a class. */
export type ClassTarget = { readonly indices: Tensor } | { readonly probabilities: Tensor };

/** The dimension of the classes in PyTorch's shapes: [C], [N, C], [N, C, d1, …]. */
export function classDimension(loss: string, input: Tensor): number {
  if (input.shape.length === 0)
    throw new KindlingError(`${loss}: the input is 0-d; it needs a dimension of classes: [C], [N, C] or [N, C, d1, …]`);
  return input.shape.length === 1 ? 0 : 1;
}

/** The target as int32 class indices: integers of the input's shape without the dimension of the classes. */
export function classIndices(loss: string, input: Tensor, target: Tensor, dim: number): Tensor {
  const shape = input.shape.filter((_, d) => d !== dim);
  if (sameShape(target.shape, shape)) return asIndices(loss, target);
  let fix = '';
  if (sameShape(target.shape, input.shape))
    fix = `; for one-hot rows or probabilities take crossEntropyLoss or categoricalCrossEntropy, or target.argmax(${dim})`;
  else if (target.size === sizeOf(shape)) fix = `; use target.reshape(${shape.join(', ')})`;
  throw new KindlingError(
    `${loss}: the input ${showShape(input.shape)} has its classes in dimension ${dim}, so the class indices need shape ` +
      `${showShape(shape)}; the target has ${showShape(target.shape)}${fix}`,
  );
}

/** Tells class indices from class probabilities (floats of the input's shape), by the shape. */
export function classTarget(loss: string, input: Tensor, target: Tensor, dim: number): ClassTarget {
  const shape = input.shape.filter((_, d) => d !== dim);
  if (sameShape(target.shape, shape)) return { indices: asIndices(loss, target) };
  if (!sameShape(target.shape, input.shape))
    throw new KindlingError(
      `${loss}: the target ${showShape(target.shape)} does not fit the input ${showShape(input.shape)} with its classes in ` +
        `dimension ${dim}; give class indices (integers) of shape ${showShape(shape)} or class probabilities (floats) of ` +
        `shape ${showShape(input.shape)}` +
        (target.size === sizeOf(shape) ? `: target.reshape(${shape.join(', ')})` : ''),
    );
  if (isFloat(target.dtype)) return { probabilities: asFloat(target, input) };
  throw new KindlingError(
    `${loss}: a target of the input's shape ${showShape(input.shape)} holds class probabilities, which are floats, not ` +
      `${target.dtype}; for one-hot rows use target.to('${input.dtype}'), for class indices give shape ${showShape(shape)}`,
  );
}

/** A probability a class: as given, or 1 at the class index. */
export function asProbabilities(loss: string, input: Tensor, target: Tensor, dim: number): Tensor {
  const form = classTarget(loss, input, target, dim);
  if ('probabilities' in form) return form.probabilities;
  const rows = oneHot(form.indices, input.shape[dim], { dtype: input.dtype as 'float32' });
  const order = input.shape.map((_, d) => (d === dim ? rows.shape.length - 1 : d < dim ? d : d - 1));
  return rows.permute(...order);
}
