import { KindlingError, type Tensor } from '@kindling/core';
import { showShape } from './showShape.js';

/** What a classification loss was given as its target. */
export type ClassTarget = 'indices' | 'probabilities';

/** The dimension of the classes in PyTorch's shapes: [C], [N, C], [N, C, d1, …]. */
export function classDimension(loss: string, input: Tensor): number {
  if (input.shape.length === 0)
    throw new KindlingError(`${loss}: the input is 0-d; it needs a dimension of classes: [C], [N, C] or [N, C, d1, …]`);
  return input.shape.length === 1 ? 0 : 1;
}

/**
 * Tells class indices (integers, the input's shape without the dimension of the classes) from class probabilities
 * (floats, the input's shape), and throws with what to do where a target is neither.
 */
export function classTarget(
  loss: string,
  input: Tensor,
  target: Tensor,
  dim: number,
  accepts: readonly ClassTarget[],
): ClassTarget {
  const whole = input.shape;
  const rest = whole.filter((_, d) => d !== dim);
  const float = target.dtype.startsWith('float');
  const same = (shape: readonly number[]): boolean =>
    shape.length === target.shape.length && shape.every((size, d) => size === target.shape[d]);
  const [indices, probabilities] = [accepts.includes('indices'), accepts.includes('probabilities')];
  if (indices && !float && target.dtype !== 'bool' && same(rest)) return 'indices';
  if (probabilities && float && same(whole)) return 'probabilities';

  const wanted = [
    ...(indices ? [`class indices: integers of shape ${showShape(rest)}`] : []),
    ...(probabilities ? [`class probabilities: floats of shape ${showShape(whole)}`] : []),
  ].join(', or ');
  let fix = '';
  if (indices && same(rest)) fix = `; if these are class indices, make them integers: target.to('int32')`;
  else if (probabilities && same(whole)) fix = `; if these are probabilities or one-hot rows, cast: target.to('float32')`;
  else if (indices && target.size === rest.reduce((n, size) => n * size, 1))
    fix = `; the number of elements is that of class indices: use target.reshape(${rest.join(', ')})${float ? `.to('int32')` : ''}`;
  else if (!probabilities && same(whole))
    fix = `; for one-hot rows or probabilities take crossEntropyLoss or categoricalCrossEntropy, or target.argmax(${dim})`;
  throw new KindlingError(
    `${loss}: the target is ${target.dtype} of shape ${showShape(target.shape)} and the input has shape ` +
      `${showShape(whole)} with classes in dimension ${dim}; the target must be ${wanted}${fix}`,
  );
}
