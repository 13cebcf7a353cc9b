import { manualSeed, relu, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readCsv } from '@kindling/data/node';
import { crossEntropyLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { evaluate, fit } from '@kindling/train';

setDefaultBackend(await cpu());
manualSeed(0);

const table = await readCsv('data/penguins.csv', { target: 'species' });
const { train, validation, test } = table.split({ validation: 0.15, test: 0.2, stratify: true, seed: 0 });

const model = sequential(linear(train.width, 32), relu, linear(32, train.classes.length));
const loss = crossEntropyLoss({ labelSmoothing: 0.05 });
const optimizer = adam(model.parameters(), { lr: 0.01 });
await fit(model, train, { loss, optimizer, epochs: 30, batchSize: 32, validation, seed: 0 });

const score = await evaluate(model, test, { metrics: { accuracy } });
console.log(`${train.classes.join(', ')}: accuracy ${score.accuracy.toFixed(2)} on ${test.rows} unseen rows`);
