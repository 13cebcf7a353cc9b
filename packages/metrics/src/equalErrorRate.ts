import { scoreMetric } from './common/scoreMetric.js';

/**
 * The rate at which as many rows of a class are missed as others are taken for it: where the receiver operating
 * characteristic, with straight lines between its points, meets the line from (0, 1) to (1, 0). (torchmetrics' `EER` takes
 * the nearest point instead.)
 *
 * Outputs, targets and options as of `rocAuc`. NaN where a score is, and for a class of all rows or of none, which the
 * averages leave out.
 */
export const equalErrorRate = /* @__PURE__ */ scoreMetric({
  name: 'equalErrorRate',
  higherIsBetter: false,
  measure: ({ truePositives, falsePositives, positives, negatives }) => {
    let [x, y] = [0, 0]; // the last point with more misses than false alarms
    for (let i = 0; i < truePositives.length; i++) {
      const [nextX, nextY] = [falsePositives[i] / negatives, truePositives[i] / positives];
      const [before, after] = [1 - y - x, 1 - nextY - nextX];
      if (after <= 0) return x + ((nextX - x) * before) / (before - after);
      [x, y] = [nextX, nextY];
    }
    return x;
  },
});
