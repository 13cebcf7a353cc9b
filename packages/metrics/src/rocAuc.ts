import { areaUnderRoc } from './common/areaUnderRoc.js';
import { scoreMetric } from './common/scoreMetric.js';

/**
 * The probability that a row of a class has a higher score than one that is not, ties counting half: the area under the
 * receiver operating characteristic, exactly (scikit-learn's `roc_auc_score`, with `multi_class='ovr'`).
 *
 * Outputs: one score a row ([b] or [b, 1]) or [b, 2] for class 1 of two; [b, classes] for one class against the others.
 * Targets: class indices, or one number per class. Options: `average` 'macro', 'weighted' (by rows of a class) or 'micro';
 * `from` 'logits', where a row is ranked by the log-odds of the class, or 'probabilities', as they are; `multilabel`;
 * `ignoreIndex`. Keeps every score. NaN where a score is, and for a class of all rows or of none, which the averages leave
 * out.
 */
export const rocAuc = /* @__PURE__ */ scoreMetric({ name: 'rocAuc', measure: areaUnderRoc });
