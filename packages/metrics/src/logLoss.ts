import { likelihoodMetric } from './common/negativeLogLikelihood.js';

/**
 * The mean of −log(probability of the actual class), in nats (scikit-learn's `log_loss`; cross-entropy).
 *
 * Outputs [b, classes, …], or one number a row for class 1; targets are class indices, or one number per class. Options:
 * `from` 'logits' (exact also where they are huge), 'logProbabilities' or 'probabilities', which count as at least 2⁻⁵² and
 * are normalised, as scikit-learn has it; `ignoreIndex` −100. NaN without any row.
 */
export const logLoss = /* @__PURE__ */ likelihoodMetric({
  name: 'logLoss',
  range: [0, Infinity],
  finish: (mean) => mean,
});
