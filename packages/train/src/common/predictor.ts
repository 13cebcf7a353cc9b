import { compile, KindlingError, type Model, noGrad, type Output, type Tensor, tensor } from '@kindling/core';
import type { Preprocessing, Row } from '@kindling/data';
import type { Prediction } from '../pipeline.js';
import { asProbabilities, asValues } from './outputs.js';

/** The greatest number of rows computed at once. */
const mostRows = 1024;

/** A function that predicts rows of plain values with a model. */
export function predictor(
  model: Model,
  preprocessing: Preprocessing,
  output: Output,
): (rows: readonly Row[]) => Promise<Prediction[]> {
  const { task, classes, width, target } = preprocessing;
  const regression = task === 'regression';
  const run = compile(
    (input: Tensor): Tensor =>
      noGrad(() => {
        const raw = model.forward(input);
        return regression ? asValues(raw, output) : asProbabilities(raw, output);
      }),
    { check: false },
  );
  return async (rows) => {
    const inputs = preprocessing.transform(rows);
    model.train(false);
    const results: { values: Tensor; count: number }[] = [];
    for (let start = 0; start < rows.length; start += mostRows) {
      const count = Math.min(mostRows, rows.length - start);
      // a power of two: whatever the number of rows, there are few programs
      const padded = new Float32Array(width * 2 ** Math.ceil(Math.log2(count)));
      padded.set(inputs.subarray(start * width, (start + count) * width));
      results.push({ values: run(tensor(padded, { shape: [-1, width], copy: false })), count });
    }
    const predictions: Prediction[] = [];
    for (const { values, count } of results) {
      const data = (await values.data()) as Float32Array;
      const per = data.length / values.shape[0];
      for (let row = 0; row < count; row++) {
        const own = data.subarray(row * per, (row + 1) * per);
        if (!own.every((x) => Number.isFinite(x)))
          throw new KindlingError(
            `predict: the model computes ${own.find((x) => !Number.isFinite(x))} for row ${predictions.length + 1}; its weights are damaged`,
          );
        predictions.push(regression ? { prediction: target.restore(own)[0] } : classified(own, classes));
      }
    }
    return predictions;
  };
}

function classified(probabilities: Float32Array, classes: readonly string[]): Prediction {
  let best = 0;
  for (let i = 1; i < probabilities.length; i++) if (probabilities[i] > probabilities[best]) best = i;
  return {
    prediction: classes[best],
    probabilities: Object.fromEntries(classes.map((name, i) => [name, probabilities[i]])),
  };
}
