import { defineMetric, type MetricFactory } from '@kindling/core';
import { classOf } from './classes.js';
import { type Items, itemsOf } from './items.js';
import { probabilityOptions, type ProbabilityOptions, probabilityOutput, requireColumns } from './probabilities.js';

const SMALLEST = 2 ** -52;

/** A metric of the mean of −log(probability of the actual class). */
export function likelihoodMetric<const N extends string>(definition: {
  readonly name: N;
  readonly range: readonly [number, number];
  readonly finish: (mean: number) => number;
}): MetricFactory<N, typeof probabilityOptions, number> {
  const { name, range, finish } = definition;
  return defineMetric({
    name,
    task: ['classification', 'binary'],
    output: probabilityOutput,
    options: probabilityOptions,
    higherIsBetter: false,
    range,
    start: () => ({ sum: 0, all: 0 }),
    update: ({ from, ignoreIndex }, state, batch) => {
      const items = itemsOf(name, batch);
      requireColumns(name, items.width, from);
      for (let i = 0; i < items.count; i++) {
        const actual = classOf(name, items, i, Math.max(2, items.width), ignoreIndex);
        if (actual === undefined) continue;
        const weight = items.weightOf(i);
        if (weight === 0) continue;
        state.sum += weight * surprise(items, i, actual, from);
        state.all += weight;
      }
    },
    compute: (_, { sum, all }) => finish(sum / all),
  });
}

function surprise({ output, width }: Items, item: number, actual: number, from: ProbabilityOptions['from']): number {
  if (width === 1) {
    const value = output[item];
    if (from === 'probabilities') return -Math.log(clip(actual === 1 ? value : 1 - value));
    const against = actual === 1 ? -value : value;
    return Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
  }
  const at = item * width;
  if (from === 'logProbabilities') return -output[at + actual];
  if (from === 'probabilities') {
    let total = 0;
    for (let i = 0; i < width; i++) total += clip(output[at + i]);
    return -Math.log(clip(output[at + actual]) / total);
  }
  let most = -Infinity;
  for (let i = 0; i < width; i++) most = Math.max(most, output[at + i]);
  let sum = 0;
  for (let i = 0; i < width; i++) sum += Math.exp(output[at + i] - most);
  return Math.log(sum) + most - output[at + actual];
}

function clip(probability: number): number {
  return Math.min(Math.max(probability, SMALLEST), 1 - SMALLEST);
}
