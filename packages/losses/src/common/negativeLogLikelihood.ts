import { type Tensor, where } from '@kindling/core';

/** What a class-index loss may add to −log p of the class. */
export interface LikelihoodOptions {
  /** One weight a class, broadcasting over the log-probabilities. */
  readonly weights: Tensor | undefined;
  readonly ignoreIndex: number;
  /** Part of the target that is spread over all classes. */
  readonly labelSmoothing: number;
}

/** −log p at the class of each sample; the mean is taken over the weights of the samples that are not ignored. */
export function negativeLogLikelihood(
  logProbabilities: Tensor,
  target: Tensor,
  dim: number,
  { weights, ignoreIndex, labelSmoothing }: LikelihoodOptions,
): { value: Tensor; weight: Tensor } {
  const counts = target.ne(ignoreIndex);
  // before the gather: an ignored label is usually not a class
  const index = where(counts, target, 0).unsqueeze(dim);
  const atClass = (t: Tensor): Tensor => t.gather(dim, index).reshape(target.shape);

  let loss = atClass(logProbabilities).neg();
  let weight = counts.to(logProbabilities.dtype);
  if (weights !== undefined) {
    const own = atClass(weights.expand(...logProbabilities.shape));
    loss = loss.mul(own);
    weight = where(counts, own, 0);
  }
  if (labelSmoothing > 0) {
    const all = weights === undefined ? logProbabilities : logProbabilities.mul(weights);
    const spread = labelSmoothing / logProbabilities.shape[dim];
    loss = loss.mul(1 - labelSmoothing).sub(all.sum(dim).mul(spread));
  }
  // chosen, not multiplied: what an ignored sample computes may be infinite
  return { value: where(counts, loss, 0), weight };
}
