import { KindlingError, showShape, Tensor, tensor } from '@kindling/core';
import { requireShape } from './elementwise.js';

type Weight = Tensor | readonly number[] | undefined;

/** A weight option as a tensor of the input's dtype. */
function asTensor(given: Tensor | readonly number[], input: Tensor): Tensor {
  return (given instanceof Tensor ? given : tensor(given)).to(input.dtype);
}

/** One weight a class, shaped so that it broadcasts over the input along `dim`. */
export function classWeights(loss: string, given: Weight, input: Tensor, dim: number): Tensor | undefined {
  if (given === undefined) return undefined;
  const weight = asTensor(given, input);
  const classes = input.shape[dim];
  if (weight.shape.length !== 1 || weight.size !== classes)
    throw new KindlingError(
      `${loss}: weight has shape ${showShape(weight.shape)}, but the input ${showShape(input.shape)} has ${classes} ` +
        `classes in dimension ${dim}; give one weight a class, shape [${classes}]`,
    );
  return weight.reshape(input.shape.map((_, d) => (d === dim ? classes : 1)));
}

/** A weight that broadcasts to the input's shape, without making it larger. */
export function elementWeights(loss: string, option: string, given: Weight, input: Tensor): Tensor | undefined {
  if (given === undefined) return undefined;
  const weight = asTensor(given, input);
  const offset = input.shape.length - weight.shape.length;
  const fits =
    offset >= 0 ? weight.shape.every((size, d) => size === 1 || size === input.shape[offset + d]) : weight.size === 1;
  if (!fits)
    throw new KindlingError(
      `${loss}: ${option} has shape ${showShape(weight.shape)}, which does not broadcast to the input's ` +
        `${showShape(input.shape)}; its sizes, counted from the last dimension, must be equal or 1`,
    );
  return offset >= 0 ? weight : weight.reshape([]);
}

/** The weight among the inputs of a loss, one an element; undefined where none was given. */
export function weightOf(loss: string, given: readonly Tensor[], input: Tensor): Tensor | undefined {
  const [weight] = given;
  if (weight === undefined) return undefined;
  requireShape(loss, 'the weight', weight, input.shape);
  return weight.to(input.dtype);
}

/** Values times their weights, whose mean is Σ value / Σ weight. */
export function weighted(
  loss: string,
  value: Tensor,
  given: readonly Tensor[],
): Tensor | { readonly value: Tensor; readonly weight: Tensor } {
  const weight = weightOf(loss, given, value);
  return weight === undefined ? value : { value: value.mul(weight), weight };
}
