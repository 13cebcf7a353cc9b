// Train a classifier on a table, keep it, and predict with it.
import { manualSeed, relu, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { readCsv } from '@kindling/data/node';
import { crossEntropyLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { linear, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { evaluate, fit, loadPipeline, savePipeline } from '@kindling/train';

/** Trains on `csv` (the penguins) and writes the model to `folder`. */
export async function trainOnCsv(csv: string, folder: string) {
  setDefaultBackend(await cpu());
  manualSeed(0);

  // Columns are typed by what is in them. What standardises and encodes them is fitted on the training rows only.
  const table = await readCsv(csv, { target: 'species' });
  const { train, validation, test, preprocessing } = table.split({
    validation: 0.15,
    test: 0.15,
    stratify: true,
    seed: 0,
  });

  const model = sequential(linear(train.width, 32), relu, linear(32, train.classes.length));
  const loss = crossEntropyLoss({ labelSmoothing: 0.05 });
  const optimizer = adam(model.parameters(), { lr: 1e-2 });
  const run = await fit(model, train, {
    loss,
    optimizer,
    epochs: 100,
    batchSize: 32,
    validation,
    earlyStopping: { patience: 10 },
  });
  const scores = await evaluate(model, test, { metrics: { accuracy } });

  // The folder holds the preprocessing, the model and the labels: all that an application needs.
  await savePipeline(folder, { preprocessing, model, loss, metrics: scores });
  const pipeline = await loadPipeline(folder);
  const predictions = await pipeline.predict([
    { island: 'Dream', bill_length_mm: 46.5, bill_depth_mm: null, sex: 'FEMALE' }, // what is not known may be left out
  ]);
  return { run, scores, predictions };
}
