import { defineMetric, type MetricFactory } from '@kindling/core';
import { eachElement } from './elements.js';

/** The outputs, targets and weights of one column. */
export interface Pairs {
  readonly x: number[];
  readonly y: number[];
  readonly weight: number[];
}

/** A metric that needs all rows at once; of several columns it is the mean. NaN without any row, and where a number is. */
export function pairsMetric<const N extends string>(definition: {
  readonly name: N;
  readonly measure: (pairs: Pairs) => number;
}): MetricFactory<N, Record<never, never>, number> {
  const { name, measure } = definition;
  return defineMetric({
    name,
    task: 'regression',
    options: {},
    higherIsBetter: true,
    range: [-1, 1],
    start: () => [] as Pairs[],
    update: (_, columns, batch) => {
      eachElement(name, batch, (output, target, weight, column) => {
        const { x, y, weight: weights } = (columns[column] ??= { x: [], y: [], weight: [] });
        if (weight === 0) return;
        x.push(output);
        y.push(target);
        weights.push(weight);
      });
    },
    compute: (_, columns) =>
      columns.reduce(
        (sum, pairs) =>
          sum + (pairs.x.some(Number.isNaN) || pairs.y.some(Number.isNaN) ? NaN : measure(pairs) / columns.length),
        columns.length === 0 ? NaN : 0,
      ),
  });
}

/** The rank of each value, twice: of equal ones the mean of their ranks. A weight of 2 is as two equal rows. */
export function doubledRanks(values: readonly number[], weight: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((a, b) => (values[a] === values[b] ? 0 : values[a] - values[b]));
  const ranks = new Array<number>(values.length);
  let before = 0;
  for (let i = 0; i < order.length;) {
    let end = i;
    let tied = 0;
    while (end < order.length && values[order[end]] === values[order[i]]) tied += weight[order[end++]];
    for (; i < end; i++) ranks[order[i]] = 2 * before + tied;
    before += tied;
  }
  return ranks;
}
