import { describe, expect, expectTypeOf, it } from 'vitest';
import { choice, defineMetric, number, tensor } from '@kindling/core';

const meanPower = defineMetric({
  name: 'meanPower',
  task: 'regression',
  options: { power: number({ default: 1, minimum: 0 }) },
  higherIsBetter: false,
  range: [0, Infinity],
  start: () => ({ sum: 0, weight: 0 }),
  update: ({ power }, state, { output, target, weight }) => {
    for (let i = 0; i < target.data.length; i++) {
      const w = weight?.[i] ?? 1;
      state.sum += w * Math.abs(output.data[i] - target.data[i]) ** power;
      state.weight += w;
    }
  },
  compute: (_, { sum, weight }) => sum / weight,
});
const shapes = defineMetric({
  name: 'shapes',
  task: ['classification', 'binary'],
  output: ({ from }) => from,
  options: { from: choice(['logits', 'probabilities'], { default: 'logits' }) },
  weighted: false,
  start: () => [] as (readonly number[])[],
  update: (_, seen, { output, target }) => void seen.push(output.shape, target.shape),
  compute: (_, seen) => seen.map((shape) => shape.join('×')),
});

describe('defineMetric', () => {
  it('says what it is', () => {
    const { kind, metricName, task, higherIsBetter, range, output } = meanPower;
    expect({ kind, metricName, task, higherIsBetter, range, output }).toEqual({
      kind: 'metric',
      metricName: 'meanPower',
      task: 'regression',
      higherIsBetter: false,
      range: [0, Infinity],
      output: 'value',
    });
    expect(meanPower({ power: 2 }).options).toEqual({ power: 2 });
    expect([shapes.output, shapes({ from: 'probabilities' }).output]).toEqual(['logits', 'probabilities']);
    expect(shapes.higherIsBetter).toBeUndefined();
    expect(() => meanPower({ power: -1 })).toThrow('meanPower: power must be at least 0, got -1');
    expectTypeOf(shapes().compute()).resolves.toEqualTypeOf<string[]>();
  });

  it('folds batches in their order, whether or not they are awaited', async () => {
    const metric = meanPower({ power: 2 });
    void metric.update(tensor([1, 2]), tensor([0, 0]));
    void metric.update(tensor([3]), tensor([0]), tensor([2]));
    expect(await metric.compute()).toBe((1 + 4 + 18) / 4);
    expect(metric.measure([2], [0])).toBe(4);
    expect(await metric.compute()).toBe((1 + 4 + 18) / 4);
    void metric.update(tensor([9]), tensor([0]));
    metric.reset();
    expect(await metric.compute()).toBeNaN();
    await metric.update(tensor([5]), tensor([3]));
    expect(await metric.compute()).toBe(4);
  });

  it('takes columns, rows, and numbers with a shape', () => {
    expect(shapes().measure([1, 2, 3], { data: [1, 2, 3, 4], shape: [2, 1, 2] })).toEqual(['3', '2×1×2']);
    expect(shapes().measure([[1, 2], Float32Array.of(3, 4)], [])).toEqual(['2×2', '0']);
    expect(() => shapes().measure([[1, 2], [3]], [0, 1])).toThrow('row 1 has 1 numbers, and the first row 2');
    expect(() => shapes().measure({ data: [1], shape: [2] }, [0])).toThrow('1 numbers do not fill the shape [2]');
  });

  it('refuses weights where rows cannot have any, at the update and at compute', async () => {
    const metric = shapes();
    await expect(metric.update(tensor([1]), tensor([1]), tensor([1]))).rejects.toThrow('rows cannot have weights');
    await expect(metric.compute()).rejects.toThrow('shapes: rows cannot have weights; leave the weight out');
    expect(() => metric.measure([1], [1], [1])).toThrow('rows cannot have weights');
  });
});
