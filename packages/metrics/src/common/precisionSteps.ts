import type { Thresholds } from './scores.js';

/** Precision at each threshold. */
export function precisions({ truePositives, falsePositives }: Thresholds): number[] {
  return truePositives.map((right, i) => right / (right + falsePositives[i]));
}

/** Σ (Rₙ − Rₙ₋₁) Pₙ. */
export function averagePrecisionOf(thresholds: Thresholds): number {
  let [sum, last] = [0, 0];
  precisions(thresholds).forEach((precision, i) => {
    sum += (thresholds.truePositives[i] - last) * precision;
    last = thresholds.truePositives[i];
  });
  return sum / thresholds.positives;
}
