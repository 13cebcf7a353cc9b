import { defineMetric, type Fields, type MetricFactory, type Resolved } from '@kindling/core';
import { type DecisionOptions, decisionOptions, decisionOutput, eachDecision } from './decisions.js';

/** A metric of `matrix[actual][predicted]`, the weight of the rows of a class that were taken for another. */
export function matrixMetric<const N extends string, R, F extends Fields = Record<never, never>>(definition: {
  readonly name: N;
  readonly options?: F;
  readonly higherIsBetter?: boolean;
  readonly range?: readonly [number, number];
  readonly compute: (matrix: number[][], options: Resolved<typeof decisionOptions & F>) => R;
}): MetricFactory<N, typeof decisionOptions & F, R> {
  const { name, options, compute, ...facts } = definition;
  return defineMetric({
    ...facts,
    name,
    task: ['classification', 'binary'],
    output: decisionOutput,
    options: { ...decisionOptions, ...options } as typeof decisionOptions & F,
    start: () => [] as number[][],
    update: (given, matrix, batch) => {
      const chosen = given as DecisionOptions;
      if (chosen.from !== 'classes') grow(matrix, Math.max(2, batch.output.shape[1] ?? 1));
      eachDecision(name, chosen, batch, (actual, predicted, weight) => {
        grow(matrix, Math.max(actual, predicted) + 1);
        matrix[actual][predicted] += weight;
      });
    },
    compute: (given, matrix) =>
      compute(
        matrix.map((row) => [...row]),
        given,
      ),
  });
}

export function grow(matrix: number[][], size: number): void {
  if (matrix.length >= size) return;
  for (const row of matrix) while (row.length < size) row.push(0);
  while (matrix.length < size) matrix.push(new Array<number>(size).fill(0));
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
/** The weight of the rows of each class. */
export const rowSums = (matrix: readonly (readonly number[])[]): number[] => matrix.map(sum);
/** The weight of the rows taken for each class. */
export const columnSums = (matrix: readonly (readonly number[])[]): number[] =>
  matrix.map((_, i) => matrix.reduce((total, row) => total + row[i], 0));
