import { mseLoss } from '@kindling/losses';
import { mlp } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { beforeEach, expect, test } from 'vitest';
import { fit, permutationImportance } from '../src/index.js';
import { flowers, prices, start } from './common.js';

beforeEach(() => {
  start();
});

test('columns count by what they decide', async () => {
  const { train, test: rows, preprocessing } = prices().split({ validation: 0, test: 0.3 });
  const model = mlp(train.width, 1);
  const optimizer = adam(model.parameters(), { lr: 0.05 });
  await fit(model, train, { loss: mseLoss(), optimizer, epochs: 40, batchSize: 16 });
  const before = Array.from(rows.inputs);
  const found = await permutationImportance(model, rows, { preprocessing });
  expect(found.map((f) => f.name)).toEqual(['size', 'age']);
  expect(found[0].importance).toBeGreaterThan(5 * found[1].importance);
  expect(found[1].importance).toBeGreaterThan(0);
  expect(Array.from(rows.inputs)).toEqual(before);
  const asError = await permutationImportance(model, rows, { preprocessing, metric: 'rmse', repeats: 2, seed: 3 });
  expect(asError[0].importance).toBeGreaterThan(100); // in units of the target; less error is better
});

test('a column of words is shuffled as one', async () => {
  const { train, preprocessing } = flowers().split();
  const model = mlp(train.width, 3);
  const found = await permutationImportance(model, train, { preprocessing, repeats: 1 });
  expect(found.map((f) => f.name).sort()).toEqual(['length', 'place', 'width']);
});
