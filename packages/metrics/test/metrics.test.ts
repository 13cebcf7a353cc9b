import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRegistry, KindlingError, type MetricFactory, type Numbers, tensor, type Tensor } from '@kindling/core';
import metrics, * as all from '@kindling/metrics';
import { accuracy as bySubpath } from '@kindling/metrics/accuracy';

type Json = number | string | Json[] | { [key: string]: Json };
interface Case {
  name: string;
  metric: string;
  options: Record<string, unknown>;
  output: number;
  target: number;
  weight: number | null;
  expected: Json;
}
const golden = JSON.parse(readFileSync(new URL('goldens/metrics.golden.json', import.meta.url), 'utf8')) as {
  arrays: Json[];
  cases: Case[];
};
const registry = createRegistry(metrics);
const named = (name: string): MetricFactory => registry.metric(name as 'accuracy');

const numbers = (value: Json): Json =>
  Array.isArray(value) ? value.map(numbers) : typeof value === 'string' ? Number(value.replace('inf', 'Infinity')) : value; // prettier-ignore
const inputs = golden.arrays.map(numbers) as (number[] | number[][])[];

/** Sums of some hundred numbers differ by some ulp of the largest; of numbers near a million by more. */
function expectNear(value: unknown, expected: Json, tolerance: number): void {
  if (Array.isArray(expected)) {
    expect(value).toHaveLength(expected.length);
    expected.forEach((each, i) => expectNear((value as unknown[])[i], each, tolerance));
  } else if (typeof expected === 'object') {
    for (const [key, each] of Object.entries(expected)) expectNear((value as Record<string, unknown>)[key], each, tolerance); // prettier-ignore
  } else if (Number.isFinite(Number(expected))) {
    expect(Math.abs((value as number) - Number(expected))).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(Number(expected))),
    );
  } else expect(value).toBe(numbers(expected));
}

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const asTensor = (rows: readonly (number | number[])[]): Tensor =>
  typeof rows[0] === 'number'
    ? tensor(Float64Array.from(rows as number[]))
    : tensor(Float64Array.from((rows as number[][]).flat()), { shape: [rows.length, rows[0].length] });

describe('as scikit-learn and SciPy', () => {
  const byMetric = grouped(golden.cases, (c) => c.metric);
  it('covers every metric', () => {
    expect(new Set(byMetric.keys())).toEqual(new Set(registry.entries().map(({ name }) => name)));
  });
  for (const [metric, cases] of byMetric)
    describe(metric, () => {
      for (const [name, group] of grouped(cases, (c) => c.name))
        it(name, async () => {
          for (const { options, expected, ...at } of group) {
            const [output, target] = [inputs[at.output], inputs[at.target]];
            const weight = at.weight === null ? undefined : (inputs[at.weight] as number[]);
            const tolerance = name === 'far from zero' ? 1e-8 : 1e-12;
            const configured = named(metric)(options);
            expectNear(configured.measure(output, target, weight), expected, tolerance);
            // in batches of 7, not awaited, as a training loop may
            for (let from = 0; from < target.length; from += 7) {
              const part = <T>(rows: readonly T[]): readonly T[] => rows.slice(from, from + 7);
              void configured.update(asTensor(part<number | number[]>(output)), asTensor(part<number | number[]>(target)), weight && asTensor(part(weight))); // prettier-ignore
            }
            expectNear(await configured.compute(), expected, tolerance);
          }
        });
    });
});

describe('every metric', () => {
  /** Rows that fit what a metric is for. */
  function rowsFor(
    { task, output }: MetricFactory,
    count: number,
  ): { output: number[][]; target: (number | number[])[] } {
    let seed = 1;
    const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647; // Park and Miller's
    const tasks: readonly string[] = typeof task === 'string' ? [task] : task;
    const list = <T>(make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
    if (tasks.includes('regression')) {
      const row = (): number[] => [Math.ceil(random() * 5), 0.1 + random()];
      return { output: list(row), target: list(row) };
    }
    if (tasks[0] === 'multilabel') return { output: list(() => [random(), random(), random()]), target: list((i) => [i % 2, +(random() > 0.5), 1 - (i % 2)]) }; // prettier-ignore
    expect(output).toBe('logits');
    return { output: list(() => [random(), random(), random()]), target: list((i) => i % 3) };
  }

  for (const { name, provision } of registry.entries())
    it(`${name}: a weight of n is as n rows, of 0 as none; it resets, goes on, and has an empty value`, async () => {
      const metric = provision as MetricFactory;
      const { output, target } = rowsFor(metric, 30);
      const weight = output.map((_, i) => [1, 0, 3, 2][i % 4]);
      const repeated = <T>(rows: readonly T[]): T[] => rows.flatMap((row, i) => new Array<T>(weight[i]).fill(row));
      const configured = metric();
      const expected = configured.measure(repeated(output), repeated(target) as Numbers);
      expectNear(configured.measure(output, target as Numbers, weight), expected as Json, 1e-12);

      const empty = await configured.compute();
      expect(metric.higherIsBetter === undefined || Number.isNaN(empty)).toBe(true);
      const update = (from: number, to: number): Promise<void> =>
        configured.update(asTensor(output.slice(from, to)), asTensor(target.slice(from, to)));
      void update(0, 11);
      const before = await configured.compute();
      expect(await configured.compute()).toEqual(before); // computing changes nothing
      configured.reset();
      expect(await configured.compute()).toEqual(empty);
      void update(0, 11);
      expect(await configured.compute()).toEqual(before);
      void update(11, 30);
      expectNear(await configured.compute(), configured.measure(output, target as Numbers) as Json, 1e-12);
      if (metric.range === undefined) return;
      expect(metric.higherIsBetter).toBeTypeOf('boolean');
      expect(expected).toBeGreaterThanOrEqual(metric.range[0]);
      expect(expected).toBeLessThanOrEqual(metric.range[1]);
    });

  it('is found by name, and by subpath', () => {
    expect(bySubpath).toBe(all.accuracy);
    expect(() => named('acuracy')).toThrow("there is no metric 'acuracy'; did you mean 'accuracy'?");
    for (const { name } of registry.entries()) expect(all).toHaveProperty(name);
  });
});

describe('classes', () => {
  const { accuracy, f1, iou, confusionMatrix, topKAccuracy, precision } = all;

  it('are decided by the threshold, or are the first of the largest', () => {
    expect(accuracy().measure([[-1], [0.4], [0.6], [0]], [0, 1, 1, 0])).toBe(1);
    expect(accuracy({ from: 'probabilities' }).measure([-1, 0.4, 0.6, 2], [0, 1, 1, 1])).toBe(0.75);
    expect(confusionMatrix().measure([[1, 1, 1], [0, NaN, 1], [NaN, NaN, NaN]], [0, 2, 0])).toEqual([[2, 0, 0], [0, 0, 0], [0, 0, 1]]); // prettier-ignore
    expect(topKAccuracy({ k: 2 }).measure([[1, 1, 1], [1, 1, 1]], [1, 2])).toBe(0.5); // prettier-ignore
    expect(topKAccuracy({ k: 1 }).measure([1, -1], [1, 1])).toBe(0.5);
  });

  it('leave out the index to ignore, as padding has it', () => {
    expect(accuracy().measure([[1, 0], [1, 0], [0, 1]], [0, -100, 0])).toBe(0.5); // prettier-ignore
    expect(all.logLoss({ ignoreIndex: 0 }).measure([[5, 0], [0, 0]], [0, 1])).toBeCloseTo(Math.LN2, 14); // prettier-ignore
  });

  it('may be at every position of an image', () => {
    // [1, 2 classes, 2, 2]: the second class wins in the lower row
    const output = { data: [3, 3, 0, 0, 1, 1, 2, 2], shape: [1, 2, 2, 2] };
    const target = { data: [0, 1, 1, 1], shape: [1, 2, 2] };
    expect(iou().measure(output, target)).toBeCloseTo((1 / 2 + 2 / 3) / 2, 14);
    expect(iou({ average: 'binary' }).measure(output, target, [2])).toBeCloseTo(2 / 3, 14);
    expect(accuracy().measure(output, target, [1, 0, 1, 1])).toBe(1);
    const single = { data: [-1, -1, 1, 1], shape: [1, 1, 2, 2] };
    expect(all.diceScore({ average: 'binary' }).measure(single, { data: [0, 1, 1, 1], shape: [1, 1, 2, 2] })).toBe(0.8);
  });

  it('say what does not fit, at the update and at compute', async () => {
    const metric = accuracy();
    const update = metric.update(asTensor([[1, 2], [3, 4]]), asTensor([0, 1, 1])); // prettier-ignore
    await expect(update).rejects.toThrow(
      'accuracy: targets of shape [3] do not fit outputs of shape [2, 2]; they must be [2] or [2, 2].',
    );
    await expect(metric.compute()).rejects.toThrow(KindlingError);
    expect(() => accuracy().measure([[1, 2]], [2])).toThrow('row 0 has class 2; classes are the integers 0 to 1');
    expect(() => accuracy({ from: 'classes' }).measure([0.5], [0])).toThrow(
      'class 0.5; classes are the integers from 0',
    );
    expect(() => accuracy({ from: 'classes' }).measure([1], [1, 2])).toThrow('[1] predicted classes but [2] targets');
    expect(() => accuracy().measure([1], [1], [-1])).toThrow('weight 0 is -1; weights must be 0 or more');
    expect(() => accuracy().measure([1, 2, 3], [1, 1, 1], [1, 1])).toThrow('2 weights do not fit');
    expect(() => f1({ multilabel: true }).measure([[1, 2]], [0])).toThrow('several labels a row need targets');
    expect(() => f1({ multilabel: true }).measure([[1, 2]], [[0, 0.5]])).toThrow('label 1 of row 0 is 0.5');
    expect(() => precision({ average: 'binary' }).measure([[1, 2, 3]], [0])).toThrow(
      "'binary' is for two classes, got 3",
    );
    expect(() => all.logLoss({ from: 'logProbabilities' }).measure([1], [0])).toThrow('need one number per class');
    const scores = all.rocAuc();
    void scores.update(asTensor([[1, 2, 3]]), asTensor([0]));
    await expect(scores.update(asTensor([1]), asTensor([0]))).rejects.toThrow('earlier outputs had 3 columns');
  });
});

describe('probabilities', () => {
  it('of huge logits are stable', () => {
    expect(all.logLoss().measure([[1000, -1000, 0], [-1000, 1000, 0]], [1, 1])).toBe(1000); // prettier-ignore
    expect(all.logLoss().measure([1000, -1000], [0, 0])).toBe(500);
    expect(all.brierScore().measure([[1000, -1000, 0]], [0])).toBe(0);
    // the softmax of both is 1 for class 0; the log-odds still rank them
    expect(all.rocAuc().measure([[100, 0, 0], [200, 0, 0], [90, 0, 0]], [0, 0, 1])).toBe(1); // prettier-ignore
  });

  it('of 1 are in the last bin', () => {
    expect(all.calibrationError({ from: 'probabilities', bins: 2 }).measure([1, 1, 0.5], [1, 1, 1])).toBeCloseTo(0.5 / 3, 14); // prettier-ignore
  });
});

describe('numbers', () => {
  it('must match, and be possible', () => {
    expect(() => all.mse().measure([[1], [2]], [[1, 2]])).toThrow(
      'mse: outputs of shape [2, 1] and targets of shape [1, 2] must match, element by element.',
    );
    expect(all.mse().measure([[1], [2]], [1, 4])).toBe(2);
    expect(() => all.msle().measure([-2], [1])).toThrow('must be 0 or more, got -2 for 1');
    expect(() => all.tweedieDeviance({ power: 0.5 }).measure([1], [1])).toThrow('must not be between 0 and 1');
    expect(() => all.tweedieDeviance({ power: 1 }).measure([0], [1])).toThrow('an output of 0 for 1 is impossible');
    expect(() => all.meanCosineSimilarity().measure([1], [1])).toThrow('must both be [rows, features]');
  });

  it('have undefined values where nothing varies, or too little is there', () => {
    for (const metric of [all.r2, all.explainedVariance]) expect(metric().measure([1], [1])).toBeNaN();
    for (const metric of [all.pearsonCorrCoef, all.spearmanCorrCoef, all.kendallRankCorrCoef]) {
      expect(metric().measure([1, 1], [1, 2])).toBeNaN();
      expect(metric().measure([1, 2], [3, 3])).toBeNaN();
      expect(metric().measure([1, 2, NaN], [1, 2, 3])).toBeNaN();
      expect(metric().measure([1, 2, 3], [-5, 0, 1])).toBeGreaterThan(0.9);
    }
    expect(all.concordanceCorrCoef().measure([1, 1], [1, 1])).toBeNaN();
    expect(all.wmape().measure([0], [0])).toBeNaN();
    expect(all.meanCosineSimilarity().measure([[0, 0]], [[1, 2]])).toBe(0);
    expect(all.spearmanCorrCoef().measure([0, -0, 1], [1, 1, 2])).toBe(1);
    expect(all.kendallRankCorrCoef().measure([0, -0, 1], [1, 1, 2])).toBe(1);
  });
});
