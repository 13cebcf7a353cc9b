import { tensor, type Tensor } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, expect, test } from 'vitest';
import {
  binaryFocalCrossEntropy,
  categoricalFocalCrossEntropy,
  categoricalHinge,
  cosineSimilarity,
  dice,
  hinge,
  logCosh,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  poisson,
  sparsemaxLoss,
  squaredHinge,
} from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const zeroOne = tensor([[0, 1], [0, 0]]); // prettier-ignore
const scores = tensor([[0.6, 0.4], [0.4, 0.6]]); // prettier-ignore
const image = (...values: number[]): Tensor => tensor(values, { shape: [2, 2, 2, 1] });

// the examples of Keras's documentation, with the digits that it shows
test.each<[string, () => Tensor, number, number]>([
  ['Hinge', () => hinge()(scores, zeroOne), 1.3, 1e-6],
  ['SquaredHinge', () => squaredHinge()(scores, zeroOne), 1.86, 1e-6],
  ['CategoricalHinge', () => categoricalHinge()(scores, zeroOne), 1.4, 1e-6],
  ['LogCosh', () => logCosh()(tensor([[1, 1], [0, 0]]), zeroOne), 0.108, 5e-4],
  ['Poisson', () => poisson()(tensor([[1, 1], [0, 0]]), zeroOne), 0.5, 1e-6],
  ['MeanAbsolutePercentageError', () => meanAbsolutePercentageError()(tensor([[1, 1], [1, 0]]), tensor([[2, 1], [2, 3]])), 50, 1e-4],
  ['MeanSquaredLogarithmicError', () => meanSquaredLogarithmicError()(tensor([[1, 1], [1, 0]]), zeroOne), 0.24, 5e-4],
  ['CosineSimilarity', () => cosineSimilarity()(tensor([[1, 0], [1, 1]]), tensor([[0, 1], [1, 1]])), -0.5, 1e-3],
  ['BinaryFocalCrossentropy', () => binaryFocalCrossEntropy({ fromLogits: true })(tensor([-18.6, 0.51, 2.94, -12.8]), tensor([0, 1, 0, 0])), 0.691, 5e-4],
  ['CategoricalFocalCrossentropy', () => categoricalFocalCrossEntropy()(tensor([[0.05, 0.95, 0], [0.1, 0.8, 0.1]]), tensor([[0, 1, 0], [0, 0, 1]])), 0.23315276, 1e-6],
  ['Dice', () => dice({ axis: [1, 2, 3], reduction: 'sum' })(image(0, 1, 0, 1, 0.4, 0, 0, 0.9), image(1, 1, 0, 0, 1, 1, 0, 0)), 0.5 + 0.75757575, 1e-6],
])('%s', async (_name, loss, value, digits) => {
  expect(Math.abs((await loss().item()) - value)).toBeLessThanOrEqual(digits);
}); // prettier-ignore

// Martins and Astudillo: it is 0 exactly where the class leads all others by 1, and the two-class form is a Huber loss
test('the sparsemax loss is 0 from a margin of 1 on', async () => {
  const loss = (t: number): Promise<number> => sparsemaxLoss()(tensor([t, 0]), tensor(new Int32Array([0]), { shape: [] })).item(); // prettier-ignore
  expect(await loss(1)).toBe(0);
  expect(await loss(7)).toBe(0);
  for (const t of [-0.9, -0.3, 0, 0.5, 0.99]) expect(await loss(t)).toBeCloseTo((t - 1) ** 2 / 4, 6);
  for (const t of [-1, -2, -30]) expect(await loss(t)).toBeCloseTo(-t, 5);
});
