import { defineMetric, type Fields, type MetricFactory, type Resolved } from '@kindling/core';
import { eachElement } from './elements.js';

/** The mean of a measure over all elements, finished by `finish`. NaN without any. */
export function meanErrorMetric<const N extends string, F extends Fields = Record<never, never>>(definition: {
  readonly name: N;
  readonly options?: F;
  readonly range?: readonly [number, number];
  readonly measure: (output: number, target: number, options: Resolved<F>) => number;
  readonly finish?: (mean: number) => number;
}): MetricFactory<N, F, number> {
  const { name, measure, range = [0, Infinity], finish = (mean) => mean } = definition;
  return defineMetric({
    name,
    task: 'regression',
    options: (definition.options ?? {}) as F,
    higherIsBetter: false,
    range,
    start: () => ({ sum: 0, all: 0 }),
    update: (options, state, batch) => {
      eachElement(name, batch, (output, target, weight) => {
        state.sum += weight * measure(output, target, options);
        state.all += weight;
      });
    },
    compute: (_, { sum, all }) => finish(sum / all),
  });
}
