// Train a small convolutional network on pictures of digits, 8 × 8 grey values a row of the table.
import { manualSeed, relu } from '@kindling/core';
import { readCsv } from '@kindling/data/node';
import { crossEntropyLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { batchNorm2d, conv2d, flatten, linear, maxPool2d, sequential, unflatten } from '@kindling/nn';
import { adam, cosineAnnealingLR } from '@kindling/optimizers';
import { evaluate, fit } from '@kindling/train';

/** Trains on `csv` (the digits) for some epochs; the share of unseen pictures that it gets right. */
export async function trainConvolutional(csv: string, epochs: number): Promise<number> {
  manualSeed(0);
  const table = await readCsv(csv, { target: 'digit', task: 'classification' });
  const { train, test } = table.split({ validation: 0, test: 0.2, stratify: true, seed: 0 });

  const model = sequential(
    unflatten(1, [1, 8, 8]), // channels, height, width
    conv2d(1, 16, 3, { padding: 1, bias: false }),
    batchNorm2d(16), // has a bias of its own
    relu,
    maxPool2d(2),
    conv2d(16, 32, 3, { padding: 1, bias: false }),
    batchNorm2d(32),
    relu,
    maxPool2d(2),
    flatten(),
    linear(32 * 2 * 2, 10),
  );
  const optimizer = adam(model.parameters(), { lr: 0.01 });
  const schedule = cosineAnnealingLR(optimizer, { tMax: epochs });
  await fit(model, train, { loss: crossEntropyLoss(), optimizer, schedule, epochs, batchSize: 32, seed: 0 });

  const scores = await evaluate(model, test, { metrics: { accuracy } });
  return scores.accuracy;
}
