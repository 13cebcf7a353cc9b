import { boolean, choice, KindlingError, type MetricBatch, type Output, type Resolved } from '@kindling/core';
import { classOf, ignoreIndex, labelOf, requireLabels } from './classes.js';
import { itemsOf } from './items.js';

/** How outputs rank rows. */
export const scoreOptions = {
  from: /* @__PURE__ */ choice(['logits', 'probabilities'], {
    default: 'logits',
    description: 'what outputs are; any scores that can be compared between rows are like probabilities',
  }),
  multilabel: /* @__PURE__ */ boolean({
    default: false,
    description: 'whether a row can have several labels: targets are 0 or 1 for each output',
  }),
  ignoreIndex,
};
export type ScoreOptions = Resolved<typeof scoreOptions>;

export const scoreAverage = /* @__PURE__ */ choice(['macro', 'weighted', 'micro'], {
  default: 'macro',
  description: 'for more than two classes, or labels. macro: the mean; weighted: by their rows; micro: all together',
});

export const scoreOutput = ({ from }: { readonly from: Output }): Output => from;

/** The rows of one class against all others. */
export interface Ranked {
  readonly scores: number[];
  /** 1 where a row is of the class. */
  readonly actual: number[];
  readonly weights: number[];
}
const newRanked = (): Ranked => ({ scores: [], actual: [], weights: [] });

/**
 * Keeps the scores of each class: of class 1 alone where there are two, else one against the others; or of each label. Of
 * logits the score is the log-odds of the class, which has the order of its probability and does not saturate.
 */
export function addScores(
  operation: string,
  { from, multilabel, ignoreIndex: ignored }: ScoreOptions,
  state: Ranked[],
  batch: MetricBatch,
): void {
  const items = itemsOf(operation, batch);
  const { count, width, output, weightOf } = items;
  if (multilabel) requireLabels(operation, items);
  const columns = multilabel ? width : width <= 2 ? 1 : width;
  if (state.length > 0 && state.length !== columns)
    throw new KindlingError(
      `${operation}: earlier outputs had ${state.length} columns of scores, these have ${columns}.`,
    );
  while (state.length < columns) state.push(newRanked());
  for (let i = 0; i < count; i++) {
    const at = i * width;
    const actual = multilabel ? 0 : classOf(operation, items, i, Math.max(2, width), ignored);
    if (actual === undefined) continue;
    const weight = weightOf(i);
    for (let c = 0; c < columns; c++) {
      const { scores, actual: is, weights } = state[c];
      if (multilabel || width === 1) scores.push(output[at + c]);
      else if (width === 2) scores.push(from === 'logits' ? output[at + 1] - output[at] : output[at + 1]);
      else scores.push(from === 'logits' ? logOdds(output, at, width, c) : output[at + c]);
      is.push(multilabel ? labelOf(operation, items, i, c) : columns === 1 ? actual : +(actual === c));
      weights.push(weight);
    }
  }
}

/** log p − log(1 − p) of the softmax. */
function logOdds(logits: ArrayLike<number>, from: number, width: number, own: number): number {
  let most = -Infinity;
  for (let c = 0; c < width; c++) if (c !== own) most = Math.max(most, logits[from + c]);
  if (most === -Infinity) return Number.isNaN(logits[from + own]) ? NaN : Infinity;
  let sum = 0;
  for (let c = 0; c < width; c++) if (c !== own) sum += Math.exp(logits[from + c] - most);
  return logits[from + own] - most - Math.log(sum);
}

/** The weights of the rows at or above each distinct score, from the highest on. */
export interface Thresholds {
  readonly thresholds: number[];
  readonly truePositives: number[];
  readonly falsePositives: number[];
  /** All rows of the class, and all others. */
  readonly positives: number;
  readonly negatives: number;
}

/** Equal scores are one threshold. Undefined where a score is NaN, which has no rank. Rows of weight 0 do not count. */
export function thresholdsOf({ scores, actual, weights }: Ranked): Thresholds | undefined {
  if (scores.some(Number.isNaN)) return undefined;
  const order = Uint32Array.from(scores.keys()).filter((i) => weights[i] > 0).sort((a, b) => (scores[a] === scores[b] ? 0 : scores[b] - scores[a])); // prettier-ignore
  const result: Thresholds = { thresholds: [], truePositives: [], falsePositives: [], positives: 0, negatives: 0 };
  let [positives, negatives] = [0, 0];
  order.forEach((row, i) => {
    if (actual[row] === 1) positives += weights[row];
    else negatives += weights[row];
    if (i + 1 < order.length && scores[order[i + 1]] === scores[row]) return;
    result.thresholds.push(scores[row]);
    result.truePositives.push(positives);
    result.falsePositives.push(negatives);
  });
  return { ...result, positives, negatives };
}

/** A number of each class, averaged over those for which it is defined; NaN if it is for none. */
export function averagedScores(
  state: readonly Ranked[],
  average: 'macro' | 'weighted' | 'micro',
  measure: (of: Ranked) => number,
): number {
  if (average === 'micro') {
    const all = newRanked();
    for (const { scores, actual, weights } of state)
      for (let i = 0; i < scores.length; i++) {
        all.scores.push(scores[i]);
        all.actual.push(actual[i]);
        all.weights.push(weights[i]);
      }
    return measure(all);
  }
  if (state.length === 1) return measure(state[0]);
  let [sum, weight] = [0, 0];
  for (const ranked of state) {
    if (ranked.scores.some(Number.isNaN)) return NaN;
    const value = measure(ranked);
    if (Number.isNaN(value)) continue;
    const own = average === 'macro' ? 1 : ranked.actual.reduce((total, is, i) => total + is * ranked.weights[i], 0);
    sum += own * value;
    weight += own;
  }
  return sum / weight;
}
