import { choice, defineMetric, type Fields, KindlingError, type MetricFactory, type Resolved } from '@kindling/core';
import { decisionOutput, eachDecision, eachLabel, labelOptions, type LabelOptions } from './decisions.js';

/** Rows of one class (or label): how many there are, are of it, are said to be, and both. Weights count for rows. */
export interface ClassCounts {
  readonly all: number;
  readonly actual: number;
  readonly predicted: number;
  readonly right: number;
}

export const average = /* @__PURE__ */ choice(['macro', 'micro', 'weighted', 'binary'], {
  default: 'macro',
  description: 'macro: the mean over classes; weighted: by their rows; micro: all together; binary: of class 1',
});
export type Average = 'macro' | 'micro' | 'weighted' | 'binary';

/** Adds up counts, batch by batch. */
export class Tally {
  readonly actual: number[] = [];
  readonly predicted: number[] = [];
  readonly right: number[] = [];
  /** The weight of all rows. */
  all = 0;

  add(operation: string, options: LabelOptions, batch: Parameters<typeof eachDecision>[2]): void {
    const { actual, predicted, right } = this;
    const grow = (classes: number): void => {
      for (const list of [actual, predicted, right]) while (list.length < classes) list.push(0);
    };
    if (options.multilabel) {
      grow(batch.output.shape[1] ?? 1);
      eachLabel(operation, options, batch, (label, is, said, weight) => {
        if (label === 0) this.all += weight;
        actual[label] += is * weight;
        predicted[label] += said * weight;
        right[label] += is * said * weight;
      });
      return;
    }
    if (options.from !== 'classes') grow(Math.max(2, batch.output.shape[1] ?? 1));
    const classes = eachDecision(operation, options, batch, (is, said, weight) => {
      grow(Math.max(is, said) + 1);
      this.all += weight;
      actual[is] += weight;
      predicted[said] += weight;
      if (is === said) right[is] += weight;
    });
    grow(classes);
  }

  /** Of each class. */
  get classes(): ClassCounts[] {
    return this.actual.map((actual, i) => ({
      all: this.all,
      actual,
      predicted: this.predicted[i],
      right: this.right[i],
    }));
  }
}

/** The mean of a measure over classes, as scikit-learn has it. NaN without any row. */
export function averaged(
  operation: string,
  tally: Tally,
  { average: kind, multilabel }: { readonly average: Average; readonly multilabel: boolean },
  measure: (counts: ClassCounts) => number,
): number {
  if (tally.all === 0) return NaN;
  // a class that neither occurs nor is predicted is no class of these data; a label always is
  const classes = tally.classes.filter((c) => multilabel || c.actual + c.predicted > 0);
  if (kind === 'binary') {
    if (multilabel || tally.classes.length > 2)
      throw new KindlingError(`${operation}: the average 'binary' is for two classes, got ${tally.classes.length} ${multilabel ? 'labels' : 'classes'}; use macro, micro or weighted.`); // prettier-ignore
    return measure(tally.classes[1] ?? { all: tally.all, actual: 0, predicted: 0, right: 0 });
  }
  if (kind === 'micro') {
    const sum = (key: keyof ClassCounts): number => classes.reduce((total, c) => total + c[key], 0);
    return measure({ all: sum('all'), actual: sum('actual'), predicted: sum('predicted'), right: sum('right') });
  }
  let [sum, weight] = [0, 0];
  for (const counts of classes) {
    const own = kind === 'macro' ? 1 : counts.actual;
    sum += own * measure(counts);
    weight += own;
  }
  return ratio(sum, weight);
}

/** 0 where nothing is divided by nothing. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** A share that depends on the counts of each class alone. */
export function countsMetric<const N extends string, F extends Fields = Record<never, never>>(definition: {
  readonly name: N;
  readonly options?: F;
  readonly measure: (counts: ClassCounts, options: Resolved<F>) => number;
}): MetricFactory<N, typeof labelOptions & { average: typeof average } & F, number> {
  const { name, measure } = definition;
  return defineMetric({
    name,
    task: ['classification', 'binary', 'multilabel'],
    output: decisionOutput,
    options: { average, ...labelOptions, ...definition.options } as typeof labelOptions & {
      average: typeof average;
    } & F,
    higherIsBetter: true,
    range: [0, 1],
    start: () => new Tally(),
    update: (options, tally, batch) => tally.add(name, options as LabelOptions, batch),
    compute: (options, tally) => averaged(name, tally, options as never, (counts) => measure(counts, options)),
  });
}
