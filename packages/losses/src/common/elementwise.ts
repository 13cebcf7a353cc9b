import { KindlingError, type Tensor } from '@kindling/core';
import { showShape } from './showShape.js';

/** Throws unless both have one shape: broadcasting [n] against [n, 1] would silently compare all with all. */
export function requireSameShape(loss: string, input: Tensor, target: Tensor): void {
  const { shape } = input;
  if (shape.length === target.shape.length && shape.every((size, d) => size === target.shape[d])) return;
  const fits = input.size === target.size;
  throw new KindlingError(
    `${loss}: the input has shape ${showShape(shape)} and the target ${showShape(target.shape)}; they must be equal. ` +
      (fits
        ? `Both have ${input.size} elements: use target.reshape(${shape.join(', ')})`
        : 'Check what the model returns and which column is the target; expand(…) repeats a target on purpose'),
  );
}
