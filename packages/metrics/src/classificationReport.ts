import { defineMetric } from '@kindling/core';
import { averaged, type ClassCounts, ratio, Tally } from './common/counts.js';
import { decisionOutput, labelOptions } from './common/decisions.js';

export interface ClassificationScores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  /** The rows (or their weight) of the class, or of all. */
  readonly support: number;
}

const measures = {
  precision: ({ right, predicted }: ClassCounts): number => ratio(right, predicted),
  recall: ({ right, actual }: ClassCounts): number => ratio(right, actual),
  f1: ({ right, actual, predicted }: ClassCounts): number => ratio(2 * right, actual + predicted),
};

/**
 * Precision, recall and F1 of each class (or label), and their averages, as scikit-learn's `classification_report`: what
 * `average: 'none'` is elsewhere.
 *
 * Outputs, targets and options as of `accuracy`. The degenerate cases are those of `precision`, `recall` and `f1`.
 */
export const classificationReport = /* @__PURE__ */ defineMetric({
  name: 'classificationReport',
  task: ['classification', 'binary', 'multilabel'],
  output: decisionOutput,
  options: labelOptions,
  start: () => new Tally(),
  update: (options, tally, batch) => tally.add('classificationReport', options, batch),
  compute: ({ multilabel }, tally) => {
    const { classes } = tally;
    const support = tally.actual.reduce((a, b) => a + b, 0);
    const mean = (average: 'macro' | 'micro' | 'weighted'): ClassificationScores => {
      const of = (key: keyof typeof measures): number =>
        averaged('classificationReport', tally, { average, multilabel }, measures[key]);
      return { precision: of('precision'), recall: of('recall'), f1: of('f1'), support };
    };
    return {
      classes: classes.map((c): ClassificationScores => ({
        precision: measures.precision(c),
        recall: measures.recall(c),
        f1: measures.f1(c),
        support: c.actual,
      })),
      micro: mean('micro'),
      macro: mean('macro'),
      weighted: mean('weighted'),
    };
  },
});
