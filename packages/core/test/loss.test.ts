import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { boolean, defineLoss, type Loss, maximum, number, type Tensor, tensor, tensorOption } from '../src/index.js';

beforeAll(useBackend(referenceBackend));

const quantileLoss = defineLoss({
  name: 'quantileLoss',
  task: 'regression',
  output: 'value',
  options: { quantile: number({ default: 0.5, exclusiveMinimum: 0, exclusiveMaximum: 1 }) },
  compute: ({ quantile }, input: Tensor, target: Tensor) => {
    const error = target.sub(input);
    return maximum(error.mul(quantile), error.mul(quantile - 1));
  },
});
const weighted = defineLoss({
  name: 'weighted',
  task: ['classification', 'binary'],
  output: ({ fromLogits }) => (fromLogits ? 'logits' : 'probabilities'),
  options: { fromLogits: boolean({ default: true }), weight: tensorOption({ optional: true }) },
  compute: ({ weight }, input: Tensor, target: Tensor) => {
    const w = weight as Tensor;
    return { value: input.sub(target).abs().mul(w), weight: w };
  },
});
const [input, target] = [tensor([1, 2, 3]), tensor([2, 2, 0])];

describe('a loss', () => {
  it('reduces its values as asked', async () => {
    const options = { quantile: 0.75 };
    expect(await quantileLoss(options)(input, target).item()).toBe(0.5);
    expect(await quantileLoss({ ...options, reduction: 'mean' })(input, target).item()).toBe(0.5);
    expect(await quantileLoss({ ...options, reduction: 'sum' })(input, target).item()).toBe(1.5);
    expect(await quantileLoss({ ...options, reduction: 'none' })(input, target).toArray()).toEqual([0.75, 0, 0.75]);
    expect(await quantileLoss()(input, target).item()).toBeCloseTo((0.5 + 1.5) / 3, 6);
  });
  it('divides by the sum of the weights', async () => {
    const weight = [1, 2, 1];
    expect(await weighted({ weight })(input, target).item()).toBe(1);
    expect(await weighted({ weight, reduction: 'sum' })(input, target).item()).toBe(4);
    expect(await weighted({ weight: tensor(weight), reduction: 'none' })(input, target).toArray()).toEqual([1, 0, 3]);
  });
  it('knows what it was made of', () => {
    const loss = weighted({ fromLogits: false, weight: [1, 1, 1] });
    expect({ ...loss }).toMatchObject({ lossName: 'weighted', task: ['classification', 'binary'], output: 'probabilities' }); // prettier-ignore
    expect(loss.options).toEqual({ fromLogits: false, weight: [1, 1, 1] });
    expect(weighted.output).toBe('logits');
    expect(weighted.outputOf({ fromLogits: false })).toBe('probabilities');
    expect(Object.keys(weighted.schema.fields)).toEqual(['fromLogits', 'weight', 'reduction']);
  });
  it('says what is wrong with options and inputs', () => {
    expect(() => quantileLoss({ quantile: 1 })).toThrow(
      'quantileLoss: quantile must be greater than 0 and less than 1',
    );
    // @ts-expect-error an option that does not exist
    expect(() => quantileLoss({ quantil: 0.9 })).toThrow("quantileLoss: there is no option 'quantil'; did you mean");
    // @ts-expect-error a reduction that does not exist
    expect(() => quantileLoss({ reduction: 'max' })).toThrow("reduction must be one of 'mean', 'sum', 'none'");
    // @ts-expect-error a loss needs its target
    expect(() => quantileLoss()(input)).toThrow();
    expect(() => quantileLoss()(input, [1] as never)).toThrow('quantileLoss: an input is 1, not a tensor; make one');
  });
  it('may be any function of that form', async () => {
    const mae: Loss = (x, y) => x.sub(y).abs().mean();
    const configured: Loss = quantileLoss();
    expect(await mae(input, target).item()).toBeCloseTo(2 * (await configured(input, target).item()), 6);
  });
});
