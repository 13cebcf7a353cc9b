import { isFloat, KindlingError, sameShape, showShape, type Tensor } from '@kindling/core';

/** Throws unless both have one shape: broadcasting [n] against [n, 1] would silently compare all with all. */
export function requireSameShape(loss: string, input: Tensor, target: Tensor): void {
  const { shape } = input;
  if (sameShape(shape, target.shape)) return;
  throw new KindlingError(
    `${loss}: the input has shape ${showShape(shape)} and the target ${showShape(target.shape)}; they must be equal. ` +
      (input.size === target.size
        ? `Both have ${input.size} elements: use target.reshape(${shape.join(', ')})`
        : `Check what the model returns and which column is the target; expand(…) repeats a target on purpose`),
  );
}

/** Labels 0 and 1 may come as integers or booleans. */
export function asFloat(target: Tensor, input: Tensor): Tensor {
  return isFloat(target.dtype) ? target : target.to(input.dtype);
}
