import { defineLoss, randomState, type Tensor } from '@kindling/core';
import type { Batch, Split, Table } from '@kindling/data';
import { bceLoss, crossEntropyLoss, huberLoss, mseLoss, nllLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { mlp } from '@kindling/nn';
import { adam, polynomialLR, reduceLROnPlateau, sgd } from '@kindling/optimizers';
import { beforeEach, describe, expect, test } from 'vitest';
import { batchesOf } from '../src/compare/batchCache.js';
import { beyond, candidates } from '../src/compare/learningRates.js';
import { interval, tied, tQuantile, within } from '../src/compare/statistics.js';
import { fitInto } from '../src/compare/budget.js';
import { compare, type CompareOptions, type CompareProgress, evaluate } from '../src/index.js';
import { flowers, greater, prices, start } from './common.js';

beforeEach(() => {
  start();
});

const small: Omit<CompareOptions, 'table'> = {
  model: (inputs, outputs) => mlp(inputs, outputs, { hidden: [4] }),
  losses: [crossEntropyLoss, nllLoss],
  optimizers: [adam, sgd],
  lr: [0.01, 0.1],
  maxSteps: 12,
  measurements: 3,
  folds: 3,
  batchSize: 16,
};

interface Rows {
  readonly train: number[];
  readonly validation: number[];
  readonly test: number[];
}

/** A table that notes which rows are asked for, and what is in each training batch. */
function watched(table: Table, onBatch: (content: string) => void = () => {}): { table: Table; asked: Rows[] } {
  const asked: Rows[] = [];
  const splitRows = (...args: Parameters<Table['splitRows']>): Split => {
    const split = table.splitRows(...args);
    const { train, validation, test } = split.rows;
    asked.push({ train: [...train], validation: [...validation], test: [...test] });
    const batches = split.train.batches.bind(split.train);
    split.train.batches = function* (options) {
      for (const batch of batches(options)) {
        onBatch(String(batch.input.dataSync()));
        yield batch;
      }
    };
    return split;
  };
  const proxy = new Proxy(table, {
    get(target, name) {
      if (name === 'splitRows') return splitRows;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { table: proxy, asked };
}

describe('compare is fair', () => {
  test('same splits, initial weights, batch order and steps for all; test rows only at the end', async () => {
    const { table, asked } = watched(flowers());
    const initial: string[] = [];
    const spyLoss = (name: string): typeof crossEntropyLoss =>
      Object.assign((o?: object) => Object.assign(crossEntropyLoss(o), { lossName: name }), crossEntropyLoss, { lossName: name }); // prettier-ignore
    const result = await compare({
      ...small,
      table,
      lr: [0.1],
      losses: [spyLoss('one'), spyLoss('two')],
      model: (inputs, outputs) => {
        const model = mlp(inputs, outputs, { hidden: [4] });
        initial.push(JSON.stringify(model.parameters().map((p) => Array.from(p.dataSync()))));
        return model;
      },
    });
    // the two losses are one, under two names: what is equal must come out equal
    for (const optimizer of ['adam', 'sgd']) {
      const [a, b] = result.ranking.filter((r) => r.optimizer === optimizer);
      expect(a).toEqual({ ...b, loss: a.loss, seconds: a.seconds });
    }
    // one seed: all models of all runs start with the same weights
    expect(new Set(initial).size).toBe(1);
    // one rate on two divisions, then three folds with it and with the default; then the winner
    expect(initial.length).toBe(4 * (2 + 3 * 2) + 1);
    // the last division is the winner's; before it nobody has seen a test row
    const test = new Set(asked.at(-1)!.test);
    expect(test.size).toBe(18);
    for (const parts of asked.slice(0, -1))
      for (const row of [...parts.train, ...parts.validation, ...parts.test]) expect(test.has(row)).toBe(false);
    // each part of a division is apart from the others, and the folds cover all rows once
    for (const { train, validation, test: scored } of asked)
      expect(new Set([...train, ...validation, ...scored]).size).toBe(train.length + validation.length + scored.length);
    const folds = asked.filter((parts) => parts.test.length > 0).slice(0, 3);
    expect(new Set(folds.flatMap((parts) => parts.test)).size).toBe(72);
    expect(result.test.rows).toBe(18);
  });

  test('the batches of every combination are the same', async () => {
    const runs: { name: string; batches: string[] }[] = [];
    const watching = (optimizerName: string): typeof sgd =>
      Object.assign(
        (...args: Parameters<typeof sgd>) => {
          runs.push({ name: optimizerName, batches: [] });
          return sgd(...args);
        },
        sgd,
        { optimizerName },
      ) as never;
    const { table } = watched(flowers(), (batch) => runs.at(-1)!.batches.push(batch));
    const optimizers = [watching('first'), watching('second')];
    await compare({ ...small, table, lr: 'default', losses: [crossEntropyLoss], optimizers });
    expect(runs.map((r) => r.name)).toEqual(['first', 'second', 'first', 'second', 'first', 'second', 'first']);
    for (let i = 0; i < 6; i += 2) {
      expect(new Set(runs[i].batches).size).toBe(small.maxSteps);
      expect(runs[i + 1].batches).toEqual([]); // it gets those that the first got
    }
    expect(new Set(runs.flatMap((r) => r.batches)).size).toBe(4 * small.maxSteps!);
  });

  test('batches are the epochs of the data set, however often they are asked for', () => {
    const data = greater(10);
    const options = { size: 4, seed: 3, encode: 'index', steps: 5 } as const;
    const read = (batches: Iterable<Batch>): string[] => Array.from(batches, ({ input, target }) => `${input.dataSync().join()} ${target.dataSync().join()}`); // prettier-ignore
    const epoch = (n: number): string[] => read(data.batches({ ...options, epoch: n }));
    const expected = [...epoch(0), ...epoch(1), ...epoch(2)];
    for (const steps of [5, 2, 8, 7, 9]) expect(read(batchesOf(data, { ...options, steps }))).toEqual(expected.slice(0, steps)); // prettier-ignore
    const half = batchesOf(data, { ...options, seed: 4 })[Symbol.iterator]();
    half.next(); // given up in the middle of an epoch
    half.return?.();
    expect(read(batchesOf(data, { ...options, seed: 4 }))).toEqual(read(data.batches({ ...options, seed: 4 })).concat(read(data.batches({ ...options, seed: 4, epoch: 1 })).slice(0, 2))); // prettier-ignore
  });

  test('ranks by the metric, never by the loss', async () => {
    /** Cross-entropy that calls itself tiny, and one with its sign turned: the worst model has the least loss. */
    const tiny = defineLoss({ name: 'tiny', task: 'classification', output: 'logits', options: {}, compute: (_, x: Tensor, t: Tensor) => crossEntropyLoss({ reduction: 'none' })(x, t).mul(1e-3) }); // prettier-ignore
    const wrong = defineLoss({ name: 'wrong', task: 'classification', output: 'logits', options: {}, compute: (_, x: Tensor, t: Tensor) => crossEntropyLoss({ reduction: 'none' })(x, t).neg() }); // prettier-ignore
    const { ranking, baseline } = await compare({
      ...small,
      table: flowers(),
      losses: [wrong, tiny as never, crossEntropyLoss] as never,
      optimizers: [adam],
      maxSteps: 30,
    });
    expect(ranking.at(-1)!.loss).toBe('wrong');
    expect(ranking[0].mean).toBeGreaterThan(0.9);
    expect(baseline).toBeCloseTo(1 / 3, 1);
  });

  test('leaves the random numbers of the program as they were', async () => {
    start(42);
    await compare({ ...small, table: flowers(), lr: 'default', losses: [crossEntropyLoss], optimizers: [sgd] });
    expect(randomState()).toEqual({ seed: 42, counter: 0 });
  });
});

describe('compare', () => {
  test('tells the whole story of a regression', async () => {
    const progress: CompareProgress[] = [];
    const result = await compare({
      ...small,
      table: prices(),
      losses: [huberLoss, crossEntropyLoss],
      lr: 'search',
      maxSteps: 20,
      onProgress: (p) => progress.push(p),
    });
    expect(result).toMatchObject({ metric: 'rmse', higherIsBetter: false, baselineKind: 'mean' });
    expect(result.skipped).toMatchObject([{ loss: 'crossEntropyLoss' }]);
    expect(result.budget).toEqual({ steps: 20, runs: 3, folds: 3, batchSize: 16 });
    expect(result.ranking).toHaveLength(2);
    const means = result.ranking.map((r) => r.mean);
    expect(means).toEqual([...means].sort((a, b) => a - b));
    for (const r of result.ranking) {
      expect(r.sensitivity.length).toBeGreaterThanOrEqual(7);
      const rates = r.sensitivity.map((s) => s.lr);
      expect(rates).toEqual([...rates].sort((a, b) => a - b));
      expect(rates).toContain(r.defaultLr);
      expect(rates).toContain(r.lr);
      expect(r.interval[0]).toBeLessThanOrEqual(r.mean);
      expect(r.mean).toBeLessThanOrEqual(r.defaultScore + 1e-9); // tuning helps where 20 steps are few
      expect(r.scores).toHaveLength(3);
      expect(r.curve.map((c) => c.step)).toEqual([7, 14, 20]);
    }
    // the best value lies beyond the seven for these few steps: the search went on
    const first = result.ranking.find((r) => r.optimizer === 'sgd')!;
    expect(first.sensitivity.length).toBeGreaterThan(7);
    expect(result.ranking[0].tiedWithBest).toBe(true);
    expect(result.ranking[0].mean).toBeLessThan(result.baseline);
    expect(result.test.score).toBeLessThan(result.test.baseline);
    expect(result.cut).toBeUndefined();
    expect(progress.at(-1)).toMatchObject({ phase: 'test', done: progress.at(-1)!.total });
    expect(progress.every((p, i) => i === 0 || p.done >= progress[i - 1].done)).toBe(true);
  });

  test('hands over the winner, trained', async () => {
    const table = flowers();
    const { winner, test, ranking } = await compare({
      ...small,
      table,
      lr: 'default',
      losses: [crossEntropyLoss],
      maxSteps: 30,
    });
    expect(winner).toMatchObject({ loss: ranking[0].loss, optimizer: ranking[0].optimizer, lr: ranking[0].lr });
    const { test: rows } = table.splitIndices({ validation: 0, test: 0.2, seed: 0 });
    const data = winner.preprocessing.dataset(Array.from(rows, (i) => table.row(i)));
    const measured = await evaluate(winner.model, data, {
      metrics: { accuracy },
      output: winner.configuredLoss.output,
    });
    expect(measured.accuracy).toBeCloseTo(test.score, 10);
  });

  test('counts what diverges as the baseline, and does not choose it', async () => {
    const { ranking, baseline } = await compare({
      ...small,
      table: prices(),
      losses: [mseLoss],
      optimizers: [sgd],
      lr: [1e30],
    });
    expect(ranking[0]).toMatchObject({ diverged: 3, mean: baseline });
    expect(ranking[0].sensitivity).toEqual([{ lr: 1e30, score: NaN }]);
    const both = await compare({ ...small, table: prices(), losses: [mseLoss], optimizers: [sgd], lr: [1e30, 0.01] }); // prettier-ignore
    expect(both.ranking[0].lr).toBe(0.01);
  });

  test('a time limit cuts all alike, and says so', async () => {
    const result = await compare({ ...small, table: flowers(), maxSteps: 3000, timeLimit: 1.5 });
    expect(result.cut).toMatch(
      /^The time limit of 1.5 s left .*\d+ of 3000 steps a run.*, for every combination alike\.$/,
    );
    expect(result.budget.steps).toBeLessThan(3000);
    expect(new Set(result.ranking.map((r) => r.scores.length)).size).toBe(1);
    expect(new Set(result.ranking.map((r) => r.sensitivity.length)).size).toBe(1);
    expect(result.seconds).toBeLessThan(20);
  });

  test('stops where the signal says so', async () => {
    const abort = new AbortController();
    const running = compare({
      ...small,
      table: flowers(),
      signal: abort.signal,
      onProgress: ({ done }) => {
        if (done === 3) abort.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('without folds, several seeds on one division', async () => {
    const { table, asked } = watched(flowers());
    const { ranking, budget } = await compare({ ...small, table, folds: 0, seeds: [3, 4, 5], metric: 'f1' });
    expect(budget).toMatchObject({ runs: 3, folds: 0 });
    expect(ranking[0].scores).toHaveLength(3);
    const finals = asked.filter((parts) => parts.test.length > 0).slice(0, 3);
    expect(new Set(finals.map((parts) => JSON.stringify(parts))).size).toBe(1);
  });

  test('metrics of probabilities work, too', async () => {
    const table = flowers();
    const result = await compare({ ...small, table, metric: 'logLoss', lr: 'default', optimizers: [adam] });
    expect(result.higherIsBetter).toBe(false);
    expect(result.baseline).toBeCloseTo(Math.log(3), 1);
  });

  test('what makes no sense is an error', async () => {
    const table = flowers();
    const bad: [object, RegExp][] = [
      [{ losses: [mseLoss, bceLoss] }, /no loss fits the task. mseLoss is a loss for regression/],
      [{ losses: [] }, /at least one loss and one optimizer/],
      [{ losses: [nllLoss, nllLoss] }, /the loss 'nllLoss' is given twice/],
      [{ metric: 'rmse' }, /'rmse' does not measure classification/],
      [{ lr: [-1] }, /positive numbers, got \[-1\]/],
      [{ folds: 1 }, /folds must be a whole number of at least 2/],
      [{ timeLimit: 0 }, /timeLimit must be/],
    ];
    for (const [options, message] of bad)
      await expect(compare({ ...small, table, ...options })).rejects.toThrow(message);
  });
});

describe('statistics', () => {
  test("Student's t", () => {
    for (const [df, t] of [
      [1, 12.7062],
      [2, 4.30265],
      [4, 2.77645],
      [9, 2.26216],
      [30, 2.04227],
    ] as const)
      // prettier-ignore
      expect(tQuantile(df)).toBeCloseTo(t, 3);
    const [low, high] = interval([1, 2, 3, 4, 5]);
    expect(low).toBeCloseTo(3 - 1.963243, 4);
    expect(high).toBeCloseTo(3 + 1.963243, 4);
    expect(interval([1, 2, 3, 4, 5], 0.25)[1]).toBeCloseTo(3 + 1.963243 * 1.5, 4);
    expect(interval([1])).toEqual([NaN, NaN]);
    expect(within([0.97, 1.02], [0, 1])).toEqual([0.97, 1]);
    expect(within([NaN, NaN], [0, 1])).toEqual([NaN, NaN]);
  });
  test('ties are about paired differences', () => {
    expect(tied([0.9, 0.8, 0.7, 0.6], [0.89, 0.79, 0.69, 0.59])).toBe(false);
    expect(tied([0.9, 0.8, 0.7, 0.6], [0.8, 0.85, 0.72, 0.55])).toBe(true);
    expect(tied([1, 1, 1], [1, 1, 1])).toBe(true);
    expect(tied([1], [0])).toBeUndefined();
  });
  test('learning rates', () => {
    expect(candidates(1e-3)).toEqual([0.001, 0.0032, 0.00032, 0.01, 0.0001, 0.032, 0.000032]);
    expect(beyond([0.01, 0.001, 0.1], 0.1)).toBe(0.32);
    expect(beyond([0.01, 0.001, 0.1], 0.001)).toBe(0.00032);
    expect(beyond([0.01, 0.001, 0.1], 0.01)).toBeUndefined();
  });
  test('a budget is cut in order, and never to nothing', () => {
    const full = { steps: 400, searchRates: 7, searchRounds: 2, finalRounds: 10 };
    const cost = { setup: 0.01, perStep: 0.001 };
    expect(fitInto(full, cost, 1000)).toEqual(full);
    expect(fitInto(full, cost, 12)).toEqual({ ...full, finalRounds: 7 });
    const least = fitInto(full, cost, 0);
    expect(least).toEqual({ steps: 10, searchRates: 1, searchRounds: 1, finalRounds: 1 });
  });
});

test('a schedule moves the learning rate of every run, by its own steps', async () => {
  const ends: { start: number; end: number }[] = [];
  const runs: unknown[] = [];
  const options = { ...small, table: flowers(40), losses: [crossEntropyLoss], optimizers: [sgd], folds: 2 };
  const found = await compare({
    ...options,
    schedule: (optimizer, run) => {
      runs.push(run);
      const schedule = polynomialLR(optimizer, { totalIters: run.steps, interval: 'step' });
      const start = optimizer.groups[0].lr;
      const step = schedule.step.bind(schedule);
      schedule.step = () => {
        step();
        if (schedule.lastEpoch === run.steps - 1) ends.push({ start, end: optimizer.groups[0].lr });
      };
      return schedule;
    },
  });
  expect(found.ranking).toHaveLength(1);
  expect(ends.length).toBe(runs.length);
  for (const { start, end } of ends) expect(end).toBeCloseTo(start / 12, 12);
  expect(runs[0]).toEqual({ steps: 12, stepsPerEpoch: expect.any(Number) as number });
  const wrong = compare({ ...options, schedule: (o) => reduceLROnPlateau(o) });
  await expect(wrong).rejects.toThrow(
    /reduceLROnPlateau watches the score, accuracy, of which more is better.*mode 'max'/,
  );
});
