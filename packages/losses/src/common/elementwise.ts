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

/** Throws unless `t`, which the message calls `what`, has the shape that the other inputs ask for. */
export function requireShape(loss: string, what: string, t: Tensor, shape: readonly number[]): void {
  if (sameShape(t.shape, shape)) return;
  throw new KindlingError(
    `${loss}: ${what} has shape ${showShape(t.shape)} and must have ${showShape(shape)}` +
      (t.size === shape.reduce((a, b) => a * b, 1) ? `: use reshape(${shape.join(', ')})` : ''),
  );
}

/** Labels 0 and 1, or −1 and 1, may come as integers, booleans or floats of fewer digits; what is computed has the input's. */
export function asFloat(target: Tensor, input: Tensor): Tensor {
  return isFloat(target.dtype) && input.dtype !== 'float64' ? target : target.to(input.dtype);
}

/** Inputs of an element-wise loss; one more tensor weighs each element. */
export type WeightedInputs = [input: Tensor, target: Tensor, ...weight: Tensor[]];
