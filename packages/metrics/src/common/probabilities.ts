import { choice, KindlingError, type Output, type Resolved } from '@kindling/core';
import { ignoreIndex } from './classes.js';
import type { Items } from './items.js';

export const probabilityOptions = {
  from: /* @__PURE__ */ choice(['logits', 'logProbabilities', 'probabilities'], {
    default: 'logits',
    description: 'what outputs are',
  }),
  ignoreIndex,
};
export type ProbabilityOptions = Resolved<typeof probabilityOptions>;
export const probabilityOutput = ({ from }: { readonly from: Output }): Output => from;

/** The probabilities of the classes of an item, normalised; of two classes where the outputs are one number. */
export function probabilitiesOf(
  operation: string,
  { output, width }: Items,
  item: number,
  from: ProbabilityOptions['from'],
): number[] {
  if (width === 1) {
    requireColumns(operation, width, from);
    const p = from === 'logits' ? 1 / (1 + Math.exp(-output[item])) : output[item];
    return [1 - p, p];
  }
  const row = Array.from({ length: width }, (_, c) => output[item * width + c]);
  if (from !== 'probabilities') {
    const most = Math.max(...row);
    for (let c = 0; c < width; c++) row[c] = Math.exp(row[c] - most);
  }
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((p) => p / sum);
}

export function requireColumns(operation: string, width: number, from: string): void {
  if (width === 1 && from === 'logProbabilities')
    throw new KindlingError(`${operation}: log-probabilities need one number per class, got one a row.`);
}
