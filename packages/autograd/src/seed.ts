import { isFloat, KindlingError, onesLike, sameShape, showShape, type Tensor } from '@kindling/core';

/** The gradient to start from: the given one, or 1 for a scalar. */
export function seed(operation: string, output: Tensor, gradient: Tensor | undefined): Tensor {
  if (!isFloat(output.dtype))
    throw new KindlingError(
      `${operation}: ${output.describe()} has no gradient; only floats have. Was it made by a comparison, argmax or a cast?`,
    );
  if (!output.requiresGrad)
    throw new KindlingError(
      `${operation}: ${output.describe()} does not require a gradient: nothing that it was computed from does. Was it built ` +
        `under noGrad, from detach()ed, frozen (requiresGrad = false) or integer tensors, or returned by a compiled function?`,
    );
  if (gradient === undefined) {
    if (output.size !== 1)
      throw new KindlingError(
        `${operation}: ${output.describe()} is not a scalar; reduce it with .mean() or .sum(), or pass { gradient } of its shape`,
      );
    return onesLike(output);
  }
  if (!sameShape(gradient.shape, output.shape))
    throw new KindlingError(
      `${operation}: a gradient of shape ${showShape(gradient.shape)} was given for ${output.describe()}; the shapes must be equal`,
    );
  return gradient.to(output.dtype);
}
