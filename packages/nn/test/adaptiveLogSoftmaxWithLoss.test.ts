import { readFileSync } from 'node:fs';
import { backward } from '@kindling/autograd';
import { parameter, tensor, type Tensor, zeros } from '@kindling/core';
import { referenceBackend, useBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import { adaptiveLogSoftmaxWithLoss, build, describe as describeModule } from '../src/index.js';

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly inputs: number;
  readonly classes: number;
  readonly cutoffs: number[];
  readonly options: object;
  readonly loss: number;
  readonly parameters: Record<string, Values>;
  readonly gradients: Record<string, Values>;
  readonly input: Values;
  readonly target: Values;
  readonly output: Values;
  readonly logProb: Values;
  readonly predict: Values;
  readonly inputGradient: Values;
}
const goldens = JSON.parse(readFileSync(new URL('goldens/adaptive.golden.json', import.meta.url), 'utf8')) as Golden[];

beforeAll(useBackend(referenceBackend));

const made = ({ shape, data }: Values): Tensor => tensor(data, { shape });
const expectClose = async (actual: Tensor, { data }: { data: number[] }): Promise<void> => {
  const greatest = Math.max(...data.map(Math.abs));
  for (const [i, x] of (await actual.data()).entries())
    expect(Math.abs(x - data[i])).toBeLessThanOrEqual(1e-5 * Math.abs(data[i]) + 1e-6 * greatest);
};

describe.each(goldens)('$inputs inputs, $classes classes, cutoffs $cutoffs', (golden) => {
  test("is PyTorch's, with its names of parameters", async () => {
    const { inputs, classes, cutoffs, options } = golden;
    const layer = adaptiveLogSoftmaxWithLoss(inputs, classes, cutoffs, options);
    layer.loadStateDict(Object.fromEntries(Object.entries(golden.parameters).map(([k, v]) => [k, made(v)])));
    const x = parameter(made(golden.input));
    const target = tensor(Int32Array.from(golden.target.data), { shape: golden.target.shape });
    const { output, loss } = layer.loss(x, target);
    expect(output.shape).toEqual(golden.output.shape);
    await expectClose(output, golden.output);
    await expectClose(loss, { data: [golden.loss] });
    await expectClose(layer.logProb(x), golden.logProb);
    expect([...(await layer.predict(x).data())]).toEqual(golden.predict.data);
    backward(loss);
    await expectClose(x.grad!, golden.inputGradient);
    for (const [name, p] of layer.namedParameters()) await expectClose(p.grad!, golden.gradients[name]);
  });
});

test('a class that is not there is an error when the loss is read', async () => {
  const layer = adaptiveLogSoftmaxWithLoss(8, 12, [4]);
  for (const wrong of [12, -1])
    await expect(layer.loss(zeros([2, 8]), tensor(Int32Array.of(1, wrong))).loss.item()).rejects.toThrow(/range/);
});

test.each<[() => unknown, RegExp]>([
  [() => adaptiveLogSoftmaxWithLoss(8, 12, []), /cutoffs must be whole numbers that rise between 0 and 12/],
  [() => adaptiveLogSoftmaxWithLoss(8, 12, [4, 4]), /got \[4, 4\]/],
  [() => adaptiveLogSoftmaxWithLoss(8, 12, [4, 12]), /got \[4, 12\]/],
  [() => adaptiveLogSoftmaxWithLoss(8, 12, [2, 4, 8]), /leave nothing for cluster 2; use a smaller divValue/],
  [() => adaptiveLogSoftmaxWithLoss(8, 12, [4]).logProb(zeros([2, 7])), /\[2, 7\]; give \[N, 8\] or \[8\]/],
  [() => adaptiveLogSoftmaxWithLoss(8, 12, [4]).loss(zeros([2, 8]), zeros([3])), /the target has shape \[3\].*needs \[2\]/],
])('%s', (use, message) => {
  expect(use).toThrow(message);
}); // prettier-ignore

test('is built again from its description', () => {
  const layer = adaptiveLogSoftmaxWithLoss(9, 20, [3, 11], { divValue: 2, headBias: true });
  const again = build(JSON.parse(JSON.stringify(describeModule(layer))));
  const shapes = (m: typeof layer) => m.namedParameters().map(([name, p]) => [name, p.shape]);
  expect(shapes(again as typeof layer)).toEqual(shapes(layer));
});
