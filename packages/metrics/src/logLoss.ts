import { KindlingError } from '@kindling/core';
import { actualClasses } from './decide.js';
import { streaming, type Metric, type Values } from './metric.js';

const SMALLEST = 2 ** -52;

/**
 * The mean of −log(probability of the actual class), in nats. `probabilities` holds `classes` numbers a row,
 * row-major; each row is normalised to 1, and probabilities count as at least 2⁻⁵², as scikit-learn has it.
 */
export function logLossScore(probabilities: ArrayLike<number>, actual: ArrayLike<number>, classes: number): number {
  if (probabilities.length !== actual.length * classes)
    throw new KindlingError(
      `logLoss: ${actual.length} rows of ${classes} classes need ${actual.length * classes} probabilities, got ${probabilities.length}.`,
    );
  let sum = 0;
  for (let row = 0; row < actual.length; row++) {
    let total = 0;
    for (let i = 0; i < classes; i++) total += clip(probabilities[row * classes + i]);
    sum -= Math.log(clip(probabilities[row * classes + actual[row]]) / total);
  }
  return sum / actual.length;
}

/**
 * The log loss over all batches. `from` says what outputs are: `'logits'` (default), `'logProbabilities'` or
 * `'probabilities'`; [b, classes], or one number a row for class 1 ([b] or [b, 1]).
 */
export function logLoss(options: { from?: 'logits' | 'logProbabilities' | 'probabilities' | undefined } = {}): Metric {
  const { from = 'logits' } = options;
  return streaming(
    () => ({ sum: 0, rows: 0 }),
    (state, output, target) => {
      const rows = output.shape[0] ?? 1;
      const width = output.shape.length <= 1 ? 1 : output.shape[1];
      const classes = Math.max(2, width);
      const actual = actualClasses('logLoss', target, rows, classes);
      if (width === 1 && from === 'logProbabilities')
        throw new KindlingError('logLoss: log-probabilities need one number per class, got one a row.');
      for (let row = 0; row < rows; row++) state.sum += one(output, row, width, actual[row], from);
      state.rows += rows;
    },
    ({ sum, rows }) => sum / rows,
  );
}

function one(
  { data }: Values,
  row: number,
  width: number,
  actual: number,
  from: 'logits' | 'logProbabilities' | 'probabilities',
): number {
  if (width === 1) {
    const value = data[row];
    if (from === 'probabilities') return -Math.log(clip(actual === 1 ? value : 1 - value));
    const against = actual === 1 ? -value : value;
    return Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
  }
  const at = row * width;
  if (from === 'logProbabilities') return -data[at + actual];
  if (from === 'probabilities') {
    let total = 0;
    for (let i = 0; i < width; i++) total += clip(data[at + i]);
    return -Math.log(clip(data[at + actual]) / total);
  }
  let most = -Infinity;
  for (let i = 0; i < width; i++) most = Math.max(most, data[at + i]);
  let sum = 0;
  for (let i = 0; i < width; i++) sum += Math.exp(data[at + i] - most);
  return Math.log(sum) + most - data[at + actual];
}

function clip(probability: number): number {
  return Math.min(Math.max(probability, SMALLEST), 1 - SMALLEST);
}
