import { defineMetric, type Fields, type MetricFactory, type Resolved } from '@kindling/core';
import { addScores, averagedScores, type Ranked, scoreAverage, scoreOptions, type ScoreOptions, scoreOutput, type Thresholds, thresholdsOf } from './scores.js'; // prettier-ignore

type Options<F extends Fields> = typeof scoreOptions & { average: typeof scoreAverage } & F;

/** A share that depends on how rows are ranked. `measure` may take both classes as given. */
export function scoreMetric<const N extends string, F extends Fields = Record<never, never>>(definition: {
  readonly name: N;
  readonly options?: F;
  readonly higherIsBetter?: boolean;
  /** Whether it is defined without rows of the class, or without others. */
  readonly needs?: 'both' | 'positives';
  readonly measure: (thresholds: Thresholds, options: Resolved<F>) => number;
}): MetricFactory<N, Options<F>, number> {
  const { name, measure, higherIsBetter = true, needs = 'both' } = definition;
  return defineMetric({
    name,
    task: ['binary', 'classification', 'multilabel'],
    output: scoreOutput,
    options: { average: scoreAverage, ...scoreOptions, ...definition.options } as Options<F>,
    higherIsBetter,
    range: [0, 1],
    start: () => [] as Ranked[],
    update: (options, state, batch) => addScores(name, options as ScoreOptions, state, batch),
    compute: (options, state) =>
      averagedScores(state, (options as { average: 'macro' }).average, (ranked) => {
        const thresholds = thresholdsOf(ranked);
        if (thresholds === undefined || thresholds.positives === 0) return NaN;
        if (needs === 'both' && thresholds.negatives === 0) return NaN;
        return measure(thresholds, options);
      }),
  });
}

/** A curve of each class: of class 1 alone where there are two. */
export function curveMetric<const N extends string, R>(definition: {
  readonly name: N;
  /** Of no thresholds where a score is NaN. */
  readonly curve: (thresholds: Thresholds) => R;
}): MetricFactory<N, typeof scoreOptions, R[]> {
  const { name, curve } = definition;
  return defineMetric({
    name,
    task: ['binary', 'classification', 'multilabel'],
    output: scoreOutput,
    options: scoreOptions,
    start: () => [] as Ranked[],
    update: (options, state, batch) => addScores(name, options, state, batch),
    compute: (_, state) =>
      state.map(
        (ranked) =>
        curve(thresholdsOf(ranked) ?? { thresholds: [], truePositives: [], falsePositives: [], positives: 0, negatives: 0 }), // prettier-ignore
      ),
  });
}
