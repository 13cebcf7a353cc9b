import { clamp, logSoftmax, type Tensor } from '@kindling/core';

/** Keras's epsilon. */
export const epsilon = 1e-7;

/** Probabilities clipped to [1e-7, 1 − 1e-7] as Keras clips them: no gradient outside. */
export function clipped(p: Tensor): Tensor {
  return clamp(p, epsilon, 1 - epsilon);
}

/** Probabilities that are divided by their sum over `dim` and clipped. */
export function normalised(input: Tensor, dim: number): Tensor {
  return clipped(input.div(input.sum(dim, { keepDim: true })));
}

/** Part of a target with a value a class, spread evenly over the classes. */
export function smoothed(target: Tensor, labelSmoothing: number, classes: number): Tensor {
  return labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
}

/** log p over `dim`, of logits or of probabilities. */
export function logProbabilities(input: Tensor, dim: number, fromLogits: boolean): Tensor {
  return fromLogits ? logSoftmax(input, dim) : normalised(input, dim).log();
}
