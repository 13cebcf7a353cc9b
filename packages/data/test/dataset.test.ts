import { describe, expect, it } from 'vitest';
import { balancedClassWeights, fromArrays, type Batch } from '@kindling/data';

const data = (): ReturnType<typeof fromArrays> =>
  fromArrays(
    Float32Array.from({ length: 14 }, (_, i) => i),
    Int32Array.of(0, 1, 2, 0, 1, 2, 0),
    { shape: [-1, 2] },
  );

async function read(
  batches: Iterable<Batch>,
): Promise<{ input: number[]; inputShape: number[]; target: number[]; targetShape: number[]; dtype: string }[]> {
  return Promise.all(
    [...batches].map(async ({ input, target }) => ({
      input: [...(await input.data())],
      inputShape: [...input.shape],
      target: [...(await target.data())],
      targetShape: [...target.shape],
      dtype: target.dtype,
    })),
  );
}

describe('batches', () => {
  it('come in order without a seed, the last one smaller', async () => {
    expect(await read(data().batches({ size: 3 }))).toEqual([
      { input: [0, 1, 2, 3, 4, 5], inputShape: [3, 2], target: [0, 1, 2], targetShape: [3], dtype: 'int32' },
      { input: [6, 7, 8, 9, 10, 11], inputShape: [3, 2], target: [0, 1, 2], targetShape: [3], dtype: 'int32' },
      { input: [12, 13], inputShape: [1, 2], target: [0], targetShape: [1], dtype: 'int32' },
    ]);
    expect([...data().batches({ size: 3, dropLast: true })]).toHaveLength(2);
    expect(await read(data().all())).toHaveLength(1);
  });

  it('are shuffled by seed and epoch, input and target together', async () => {
    const order = async (batches: Iterable<Batch>): Promise<number[]> => {
      const read7 = await read(batches);
      for (const { input, target } of read7) target.forEach((label, i) => expect(label).toBe((input[2 * i] / 2) % 3));
      return read7.flatMap(({ input }) => input.filter((_, i) => i % 2 === 0).map((value) => value / 2));
    };
    const batches = data().batches({ size: 2, seed: 4 });
    const first = await order(batches);
    const second = await order(batches);
    expect([...first].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(second).not.toEqual(first);
    expect(await order(data().batches({ size: 5, seed: 4, epoch: 1 }))).toEqual(second);
    expect(await order(data().batches({ size: 2, seed: 5 }))).not.toEqual(first);
  });

  it('hold targets in the form asked for', async () => {
    expect((await read(data().batches({ size: 2, encode: 'oneHot' })))[0]).toMatchObject({
      target: [1, 0, 0, 0, 1, 0],
      targetShape: [2, 3],
      dtype: 'float32',
    });
    const binary = fromArrays(new Float32Array(4), Int32Array.of(0, 1), { shape: [2, 2] });
    expect(binary.task).toBe('binary');
    expect((await read(binary.all({ encode: 'value' })))[0]).toMatchObject({
      target: [0, 1],
      targetShape: [2, 1],
      dtype: 'float32',
    });
    const regression = fromArrays(new Float32Array(4), Float32Array.of(0.5, 1), { shape: [2, 2] });
    expect((await read(regression.all()))[0]).toMatchObject({
      target: [0.5, 1],
      targetShape: [2, 1],
      dtype: 'float32',
    });
    expect(() => data().batches({ size: 2, encode: 'value' })).toThrow(
      "encode must be 'index' or 'oneHot' for 3 classes, got 'value'",
    );
    expect(() => regression.all({ encode: 'index' })).toThrow("must be 'value' for a regression target");
  });

  it('own their memory', async () => {
    const set = data();
    const [batch] = [...set.batches({ size: 7 })];
    (await batch.input.data())[0] = 99;
    expect(set.inputs[0]).toBe(0);
  });

  it('refuse sizes and epochs that mean nothing', () => {
    for (const size of [0, -1, 1.5, NaN])
      expect(() => data().batches({ size })).toThrow('size must be a positive integer');
    expect(() => data().batches({ size: 1, epoch: -1 })).toThrow('epoch must be an integer from 0');
    expect(() => data().batches({ size: 1, seed: 0.5 })).toThrow('The seed must be an integer');
  });
});

describe('fromArrays', () => {
  it('keeps the shape of a row', () => {
    const images = fromArrays(new Float32Array(2 * 12), Int32Array.of(1, 0), {
      shape: [-1, 1, 3, 4],
      classes: ['cat', 'dog', 'owl'],
    });
    expect(images).toMatchObject({
      rows: 2,
      width: 12,
      rowShape: [1, 3, 4],
      classes: ['cat', 'dog', 'owl'],
      task: 'classification',
    });
    expect([...images.batches({ size: 1 })][0].input.shape).toEqual([1, 1, 3, 4]);
  });

  it('refuses what does not fit', () => {
    const make = (n: number, targets: Int32Array | Float32Array, shape: number[], classes?: string[]) => () =>
      fromArrays(new Float32Array(n), targets, { shape, classes });
    expect(make(5, Int32Array.of(0), [-1, 2])).toThrow('5 input values do not fit the shape [-1, 2]');
    expect(make(4, Int32Array.of(0, 1), [-1, -1])).toThrow('do not fit');
    expect(make(4, Int32Array.of(0), [2, 2])).toThrow('2 rows of input ([2, 2]) but 1 targets');
    expect(make(2, Int32Array.of(0, -1), [2, 1])).toThrow('class index must be an integer from 0, but row 1 has -1');
    expect(make(2, Float32Array.of(0, 0.5), [2, 1], ['a', 'b'])).toThrow('row 1 has 0.5');
    expect(make(2, Int32Array.of(0, 2), [2, 1], ['a', 'b'])).toThrow('class index 2, but there are only 2 classes');
    expect(make(2, Int32Array.of(0, 2_000_000_000), [2, 1])).toThrow("Give the labels as 'classes'");
  });
});

describe('subset', () => {
  it('takes rows in the order given', () => {
    const part = data().subset([6, 0, 6]);
    expect([...part.inputs]).toEqual([12, 13, 0, 1, 12, 13]);
    expect([...part.targets]).toEqual([0, 0, 0]);
    expect(part.classes).toEqual(['0', '1', '2']);
    expect(() => data().subset([7])).toThrow('row 7 of a data set with 7 rows (0 to 6)');
  });
});

describe('balancedClassWeights', () => {
  it("equals scikit-learn's class_weight='balanced'", () => {
    // compute_class_weight('balanced', classes=[0, 1, 2], y=[0, 1, 2, 0, 1, 2, 0])
    const expected = [0.7777777777777778, 1.1666666666666667, 1.1666666666666667];
    balancedClassWeights(data()).forEach((weight, i) => expect(weight).toBeCloseTo(expected[i], 6));
  });
});
