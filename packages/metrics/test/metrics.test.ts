import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { KindlingError, tensor, type Tensor } from '@kindling/core';
import {
  accuracy,
  accuracyScore,
  confusionMatrix,
  confusionMatrixOf,
  f1,
  f1Score,
  logLoss,
  logLossScore,
  mae,
  maeScore,
  metricByName,
  metricNamed,
  mse,
  mseScore,
  precision,
  precisionScore,
  r2,
  r2Score,
  recall,
  recallScore,
  rmse,
  rmseScore,
  rocAuc,
  rocAucScore,
  type Metric,
} from '@kindling/metrics';
import { accuracy as bySubpath } from '@kindling/metrics/accuracy';

interface Golden {
  classification: Record<
    string,
    {
      predicted: number[];
      actual: number[];
      accuracy: number;
      precision: number;
      recall: number;
      f1: number;
      confusionMatrix: number[][];
    }
  >;
  regression: Record<
    string,
    { predicted: number[]; actual: number[]; mae: number; mse: number; rmse: number; r2: number }
  >;
  ranking: Record<string, { scores: number[]; actual: number[]; rocAuc: number }>;
  probabilities: Record<string, { logits: number[][]; probabilities: number[][]; actual: number[]; logLoss: number }>;
}
const golden = JSON.parse(readFileSync(new URL('goldens/metrics.golden.json', import.meta.url), 'utf8')) as Golden;

const indices = (values: number[]): Tensor => tensor(Int32Array.from(values));
const numbers = (values: number[], shape?: number[]): Tensor =>
  tensor(Float64Array.from(values), { shape: shape ?? [values.length] });
const near = (value: number, expected: number): void => {
  expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
};

/** Feeds rows in batches of 7 without awaiting, as a training loop may. */
async function stream<R>(
  metric: Metric<R>,
  outputs: number[][],
  targets: number[],
  make: (batch: number[]) => Tensor,
): Promise<R> {
  for (let at = 0; at < targets.length; at += 7) {
    const rows = outputs.slice(at, at + 7);
    void metric.update(numbers(rows.flat(), [rows.length, rows[0].length]), make(targets.slice(at, at + 7)));
  }
  return metric.compute();
}
const oneHotLogits = (classes: number[], width: number): number[][] =>
  classes.map((index) => Array.from({ length: width }, (_, i) => (i === index ? 2.5 : -i)));

describe('as scikit-learn', () => {
  for (const [name, g] of Object.entries(golden.classification))
    it(`classification: ${name}`, async () => {
      near(accuracyScore(g.predicted, g.actual), g.accuracy);
      near(precisionScore(g.predicted, g.actual), g.precision);
      near(recallScore(g.predicted, g.actual), g.recall);
      near(f1Score(g.predicted, g.actual), g.f1);
      expect(confusionMatrixOf(g.predicted, g.actual)).toEqual(g.confusionMatrix);
      const width = Math.max(2, g.confusionMatrix.length);
      const logits = oneHotLogits(g.predicted, width);
      near(await stream(accuracy(), logits, g.actual, indices), g.accuracy);
      near(await stream(precision(), logits, g.actual, indices), g.precision);
      near(await stream(recall(), logits, g.actual, indices), g.recall);
      near(await stream(f1(), logits, g.actual, indices), g.f1);
      const oneHot = (rows: number[]): Tensor =>
        numbers(
          rows.flatMap((index) => Array.from({ length: width }, (_, i) => +(i === index))),
          [rows.length, width],
        );
      near(await stream(f1(), logits, g.actual, oneHot), g.f1);
      const matrix = await stream(confusionMatrix(), logits, g.actual, indices);
      expect(matrix.slice(0, g.confusionMatrix.length).map((row) => row.slice(0, g.confusionMatrix.length))).toEqual(
        g.confusionMatrix,
      );
    });

  for (const [name, g] of Object.entries(golden.regression))
    it(`regression: ${name}`, async () => {
      const scores = { mae: maeScore, mse: mseScore, rmse: rmseScore, r2: r2Score };
      const metrics = { mae, mse, rmse, r2 };
      for (const key of ['mae', 'mse', 'rmse', 'r2'] as const) {
        near(scores[key](g.predicted, g.actual), g[key]);
        const outputs = g.predicted.map((value) => [value]);
        // sums in another order over numbers near 1e6 differ by some ulp of those
        const tolerance = name === 'far from zero' ? 1e-9 : 1e-12;
        for (const make of [(rows: number[]) => numbers(rows), (rows: number[]) => numbers(rows, [rows.length, 1])])
          expect(Math.abs((await stream(metrics[key](), outputs, g.actual, make)) - g[key])).toBeLessThanOrEqual(
            tolerance * Math.max(1, Math.abs(g[key])),
          );
      }
    });

  for (const [name, g] of Object.entries(golden.ranking))
    it(`ranking: ${name}`, async () => {
      near(rocAucScore(g.scores, g.actual), g.rocAuc);
      near(
        await stream(
          rocAuc(),
          g.scores.map((score) => [score]),
          g.actual,
          indices,
        ),
        g.rocAuc,
      );
      near(
        await stream(
          rocAuc(),
          g.scores.map((score) => [1 - score, 1]),
          g.actual,
          indices,
        ),
        g.rocAuc,
      );
    });

  for (const [name, g] of Object.entries(golden.probabilities))
    it(`probabilities: ${name}`, async () => {
      const logarithms = g.probabilities.map((row) => row.map(Math.log));
      near(logLossScore(g.probabilities.flat(), g.actual, g.logits[0].length), g.logLoss);
      near(await stream(logLoss(), g.logits, g.actual, indices), g.logLoss);
      near(await stream(logLoss({ from: 'probabilities' }), g.probabilities, g.actual, indices), g.logLoss);
      near(await stream(logLoss({ from: 'logProbabilities' }), logarithms, g.actual, indices), g.logLoss);
      if (g.logits[0].length !== 2) return;
      near(
        await stream(
          logLoss(),
          g.logits.map(([a, b]) => [b - a]),
          g.actual,
          indices,
        ),
        g.logLoss,
      );
      near(
        await stream(
          logLoss({ from: 'probabilities' }),
          g.probabilities.map(([, p]) => [p]),
          g.actual,
          indices,
        ),
        g.logLoss,
      );
    });
});

describe('streaming', () => {
  it('gives the same whatever the batches', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.integer({ min: 1, max: 10 }),
        async (pairs, size) => {
          const metric = f1();
          for (let at = 0; at < pairs.length; at += size) {
            const batch = pairs.slice(at, at + size);
            await metric.update(
              numbers(
                oneHotLogits(
                  batch.map(([p]) => p),
                  4,
                ).flat(),
                [batch.length, 4],
              ),
              indices(batch.map(([, a]) => a)),
            );
          }
          near(
            await metric.compute(),
            f1Score(
              pairs.map(([p]) => p),
              pairs.map(([, a]) => a),
            ),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('begins anew after a reset, and can go on after compute', async () => {
    const metric = mae();
    await metric.update(numbers([1, 2]), numbers([0, 0]));
    expect(await metric.compute()).toBe(1.5);
    await metric.update(numbers([6]), numbers([0]));
    expect(await metric.compute()).toBe(3);
    void metric.update(numbers([6]), numbers([0]));
    metric.reset();
    expect(await metric.compute()).toBeNaN();
    await metric.update(numbers([2]), numbers([0]));
    expect(await metric.compute()).toBe(2);
  });

  it('is NaN, or empty, without a row', async () => {
    for (const info of Object.values(metricByName)) expect(await info.create().compute()).toBeNaN();
    expect(await confusionMatrix().compute()).toEqual([]);
    expect(rocAucScore([1, 2], [1, 1])).toBeNaN();
    expect(rocAucScore([1, NaN], [1, 0])).toBeNaN();
    expect(r2Score([1], [1])).toBeNaN();
  });

  it('takes outputs of one number with a threshold', async () => {
    const outputs = numbers([-1, 0.4, 0.6, 2], [4, 1]);
    const metric = accuracy();
    await metric.update(outputs, numbers([0, 1, 1, 1], [4, 1]));
    expect(await metric.compute()).toBe(1);
    const probable = accuracy({ threshold: 0.5 });
    await probable.update(outputs, indices([0, 1, 1, 1]));
    expect(await probable.compute()).toBe(0.75);
  });

  it('is stable at huge logits', async () => {
    const metric = logLoss();
    await metric.update(numbers([1000, -1000, 0, -1000, 1000, 0], [2, 3]), indices([1, 1]));
    expect(await metric.compute()).toBe(1000);
    const one = logLoss();
    await one.update(numbers([1000, -1000]), indices([0, 0]));
    expect(await one.compute()).toBe(500);
  });

  it('says which shapes and classes do not fit, at the update and at compute', async () => {
    const metric = accuracy();
    const update = metric.update(numbers([1, 2, 3, 4], [2, 2]), indices([0, 1, 1]));
    await expect(update).rejects.toThrow('accuracy: targets of shape [3] do not fit 2 rows of outputs with 2 classes');
    await expect(metric.compute()).rejects.toThrow(KindlingError);
    await expect(accuracy().update(numbers([1, 2], [1, 2]), indices([2]))).rejects.toThrow(
      'row 0 has class 2; classes are the integers 0 to 1',
    );
    await expect(mse().update(numbers([1, 2], [2, 1]), numbers([1, 2], [1, 2]))).rejects.toThrow(
      'outputs of shape [2, 1] and targets of shape [1, 2] must match',
    );
    await expect(rocAuc().update(numbers([1, 2, 3], [1, 3]), indices([0]))).rejects.toThrow('is for two classes');
    expect(() => accuracyScore([1], [1, 2])).toThrow('1 predictions but 2 targets');
    expect(() => rocAucScore([1, 2], [0, 2])).toThrow('classes must be 0 and 1, got 2');
    expect(() => confusionMatrixOf([0.5], [0])).toThrow('class 0.5');
  });
});

describe('metrics by name', () => {
  it('finds them, and says what is near or fitting', () => {
    expect(bySubpath).toBe(accuracy);
    expect(metricNamed('rmse', 'regression').higherIsBetter).toBe(false);
    expect(() => metricNamed('acuracy')).toThrow("There is no metric 'acuracy'; did you mean 'accuracy'?");
    expect(() => metricNamed('constructor')).toThrow('There is no metric');
    expect(() => metricNamed('rmse', 'binary')).toThrow(
      "Metric 'rmse' does not measure binary; use one of accuracy, precision, recall, f1, rocAuc, logLoss.",
    );
    for (const [name, info] of Object.entries(metricByName)) expect(info.name).toBe(name);
  });
});
