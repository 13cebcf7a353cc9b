import type { Thresholds } from './scores.js';

/** By trapezoids. Sums are of whole numbers where weights are, so that there is one rounding, in the division. */
export function areaUnderRoc({ truePositives, falsePositives, positives, negatives }: Thresholds): number {
  let [area, lastTrue, lastFalse] = [0, 0, 0];
  truePositives.forEach((right, i) => {
    area += (falsePositives[i] - lastFalse) * (right + lastTrue);
    [lastTrue, lastFalse] = [right, falsePositives[i]];
  });
  return area / (2 * positives * negatives);
}
