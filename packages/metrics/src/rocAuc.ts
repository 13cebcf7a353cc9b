import { KindlingError } from '@kindling/core';
import { actualClasses } from './decide.js';
import { requireSameLength, streaming, type Metric } from './metric.js';

/**
 * The probability that a row of class 1 has a higher score than one of class 0, ties counting half (the area under the
 * receiver operating characteristic), exactly. `actual` holds 0 and 1. NaN unless both classes occur.
 */
export function rocAucScore(scores: ArrayLike<number>, actual: ArrayLike<number>): number {
  requireSameLength('rocAuc', scores, actual);
  const n = actual.length;
  for (let i = 0; i < n; i++) if (Number.isNaN(scores[i])) return NaN; // which has no rank
  const order = Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let positives = 0;
  let rankSum = 0; // of the positives, ranks from 1, tied scores sharing the mean rank
  for (let i = 0; i < n;) {
    let end = i;
    let tied = 0;
    while (end < n && (end === i || scores[order[end]] === scores[order[i]])) {
      const label = actual[order[end]];
      if (label !== 0 && label !== 1) throw new KindlingError(`rocAuc: classes must be 0 and 1, got ${label}.`);
      tied += label;
      end++;
    }
    positives += tied;
    rankSum += (tied * (i + 1 + end)) / 2;
    i = end;
  }
  const negatives = n - positives;
  if (positives === 0 || negatives === 0) return NaN;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * `rocAucScore` over all batches of a binary task. Outputs: one score a row ([b] or [b, 1]), or one per class ([b, 2],
 * the difference of which ranks as the probability of class 1 does). Keeps a number a row.
 */
export function rocAuc(): Metric {
  return streaming(
    () => ({ scores: [] as number[], actual: [] as number[] }),
    (state, output, target) => {
      const rows = output.shape[0] ?? 1;
      const width = output.shape.length <= 1 ? 1 : output.shape[1];
      if (output.shape.length > 2 || width > 2)
        throw new KindlingError(
          `rocAuc: is for two classes; outputs must be [rows], [rows, 1] or [rows, 2], got [${output.shape.join(', ')}].`,
        );
      const classes = actualClasses('rocAuc', target, rows, 2);
      for (let i = 0; i < rows; i++) {
        state.scores.push(width === 1 ? output.data[i] : output.data[2 * i + 1] - output.data[2 * i]);
        state.actual.push(classes[i]);
      }
    },
    ({ scores, actual }) => rocAucScore(scores, actual),
  );
}
