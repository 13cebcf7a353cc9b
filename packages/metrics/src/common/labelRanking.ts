import { defineMetric, type MetricFactory } from '@kindling/core';
import { labelOf, requireLabels } from './classes.js';
import { itemsOf } from './items.js';

/** A metric of how each row ranks its labels, averaged over rows. `measure` gets a score and a 0 or 1 for each label. */
export function labelRankingMetric<const N extends string>(definition: {
  readonly name: N;
  readonly higherIsBetter: boolean;
  readonly range: readonly [number, number];
  readonly measure: (scores: readonly number[], labels: readonly number[]) => number;
}): MetricFactory<N, Record<never, never>, number> {
  const { name, measure, ...facts } = definition;
  return defineMetric({
    ...facts,
    name,
    task: 'multilabel',
    options: {},
    start: () => ({ sum: 0, all: 0 }),
    update: (_, state, batch) => {
      const items = itemsOf(name, batch);
      requireLabels(name, items);
      const columns = Array.from({ length: items.width }, (_, c) => c);
      for (let i = 0; i < items.count; i++) {
        const scores = columns.map((c) => items.output[i * items.width + c]);
        const labels = columns.map((c) => labelOf(name, items, i, c));
        const weight = items.weightOf(i);
        state.all += weight;
        state.sum += weight * (scores.some(Number.isNaN) ? NaN : measure(scores, labels));
      }
    },
    compute: (_, { sum, all }) => sum / all,
  });
}

/** How many labels have at least this score. */
export const atLeast = (scores: readonly number[], score: number): number => scores.filter((s) => s >= score).length;
