import { likelihoodMetric } from './common/negativeLogLikelihood.js';

/**
 * exp of the mean of −log(probability of the actual class): among how many equally likely tokens the model hesitates
 * (torchmetrics' `Perplexity`). Outputs of a language model are [b, classes, length], as `crossEntropyLoss` has them, or
 * [b · length, classes].
 *
 * Outputs, targets and options as of `logLoss`; `ignoreIndex` −100 leaves out padding. NaN without any row.
 */
export const perplexity = /* @__PURE__ */ likelihoodMetric({
  name: 'perplexity',
  range: [1, Infinity],
  finish: Math.exp,
});
