import { KindlingError, Tensor, tensor } from '@kindling/core';
import { showShape } from './showShape.js';

/** A weight option as a tensor of the input's dtype. */
export function weightTensor(given: Tensor | readonly number[], input: Tensor): Tensor {
  return given instanceof Tensor ? given.to(input.dtype) : tensor(given, { dtype: input.dtype });
}

/** One weight a class, shaped so that it broadcasts over the input along `dim`. */
export function classWeights(
  loss: string,
  given: Tensor | readonly number[] | undefined,
  input: Tensor,
  dim: number,
): Tensor | undefined {
  if (given === undefined) return undefined;
  const weight = weightTensor(given, input);
  const classes = input.shape[dim]!;
  if (weight.shape.length !== 1 || weight.size !== classes)
    throw new KindlingError(
      `${loss}: weight has shape ${showShape(weight.shape)}, but the input ${showShape(input.shape)} has ${classes} ` +
        `classes in dimension ${dim}; give one weight a class, shape [${classes}]`,
    );
  return weight.reshape(input.shape.map((_, d) => (d === dim ? classes : 1)));
}

/** A weight that broadcasts to the input's shape, without making it larger. */
export function elementWeights(
  loss: string,
  option: string,
  given: Tensor | readonly number[] | undefined,
  input: Tensor,
): Tensor | undefined {
  if (given === undefined) return undefined;
  const weight = weightTensor(given, input);
  const offset = input.shape.length - weight.shape.length;
  if (offset < 0 ? weight.size !== 1 : weight.shape.some((size, d) => size !== 1 && size !== input.shape[offset + d]))
    throw new KindlingError(
      `${loss}: ${option} has shape ${showShape(weight.shape)}, which does not broadcast to the input's ` +
        `${showShape(input.shape)}; its dimensions, counted from the last, must be equal or 1`,
    );
  return offset < 0 ? weight.reshape() : weight;
}
