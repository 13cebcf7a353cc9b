import { createRegistry, type LossFactory, type OpenRegistry, tensor, type Tensor, zeros } from '@kindling/core';
import { expect, test } from 'vitest';
import plugin, * as losses from '../src/index.js';
import {
  bceLoss,
  bceWithLogitsLoss,
  categoricalCrossEntropy,
  crossEntropyLoss,
  ctcLoss,
  dice,
  fenchelYoungLoss,
  gaussianNLLLoss,
  huberLoss,
  klDivLoss,
  mseLoss,
  multiMarginLoss,
  nllLoss,
  ntXent,
  rankingSoftmaxLoss,
  smoothL1Loss,
  sparseCategoricalCrossEntropy,
  tripletMarginLoss,
} from '../src/index.js';

const indices = (...shape: number[]): Tensor => zeros(shape, { dtype: 'int32' });

test('the package registers every loss that it exports, under its own name', () => {
  const registry = createRegistry(plugin) as OpenRegistry;
  const names = plugin.provides.map((p: LossFactory) => p.lossName);
  expect([...names].sort()).toEqual(Object.keys(losses).filter((name) => name !== 'default').sort()); // prettier-ignore
  for (const name of names) {
    expect(registry.loss(name)).toBe((losses as Record<string, unknown>)[name]);
    const { fields } = registry.loss(name).schema;
    for (const [option, field] of Object.entries(fields)) expect(field.description, `${name}.${option}`).toBeTruthy();
  }
});

test('the output that a loss expects depends on its options', () => {
  expect(sparseCategoricalCrossEntropy.output).toBe('probabilities');
  expect(sparseCategoricalCrossEntropy({ fromLogits: true }).output).toBe('logits');
  expect(categoricalCrossEntropy.outputOf({ fromLogits: true })).toBe('logits');
  expect(crossEntropyLoss().output).toBe('logits');
  expect(nllLoss().output).toBe('logProbabilities');
});

test.each<[() => unknown, RegExp]>([
  [() => crossEntropyLoss({ labelSmoothing: 1.5 }), /crossEntropyLoss: .*labelSmoothing.*at least 0 and at most 1/],
  [() => crossEntropyLoss({ labelSmoothin: 0.1 } as never), /did you mean 'labelSmoothing'/],
  [() => crossEntropyLoss({ ignoreIndex: 0.5 }), /ignoreIndex.*integer/],
  [() => huberLoss({ delta: 0 }), /huberLoss: .*delta.*greater than 0/],
  [() => smoothL1Loss({ beta: -1 }), /smoothL1Loss: .*beta.*at least 0/],
  [() => mseLoss({ reduction: 'average' as never }), /reduction/],
  [() => sparseCategoricalCrossEntropy({ ignoreClass: 1.5 }), /ignoreClass.*integer/],
])('options out of range are errors: %s', (make, message) => {
  expect(make).toThrow(message);
});

test.each<[string, () => unknown, RegExp]>([
  ['floats that look like indices', () => crossEntropyLoss()(zeros([4, 3]), zeros([4])), /crossEntropyLoss: .*float32.*\[4\].*to\('int32'\)/],
  ['a weak fraction', () => crossEntropyLoss()(zeros([2, 3]), tensor([0, 1.5])), /whole number, got 1.5/],
  ['one-hot integers', () => crossEntropyLoss()(zeros([4, 3]), indices(4, 3)), /probabilities.*int32.*target\.to\('float32'\)/],
  ['indices with an extra dimension', () => crossEntropyLoss()(zeros([4, 3]), indices(4, 1)), /\[4, 1\].*\[4, 3\].*reshape\(4\)/],
  ['too few indices', () => crossEntropyLoss()(zeros([4, 3]), indices(3)), /\[3\].*\[4, 3\].*shape \[4\]/],
  ['a 0-d input', () => crossEntropyLoss()(zeros([]), indices()), /0-d/],
  ['too few weights', () => crossEntropyLoss({ weight: [1, 2] })(zeros([4, 3]), indices(4)), /weight has shape \[2\].*3 classes.*\[3\]/],
  ['probabilities for nllLoss', () => nllLoss()(zeros([4, 3]), zeros([4, 3])), /nllLoss: .*\[4\].*\[4, 3\].*crossEntropyLoss/],
  ['floats for nllLoss', () => nllLoss()(zeros([4, 3]), zeros([4])), /nllLoss: .*float32/],
  ['one-hot rows for the sparse loss', () => sparseCategoricalCrossEntropy()(zeros([4, 3]), zeros([4, 3])), /categoricalCrossEntropy/],
  ['an axis that is not there', () => sparseCategoricalCrossEntropy({ axis: 2 })(zeros([4, 3]), indices(4)), /dimension 2 is out of range/],
  ['indices of the wrong shape', () => categoricalCrossEntropy()(zeros([4, 3]), indices(3)), /categoricalCrossEntropy: .*\[3\].*\[4, 3\]/],
  ['a column and a row', () => mseLoss()(zeros([4, 1]), zeros([4])), /mseLoss: .*\[4, 1\].*\[4\].*reshape\(4, 1\)/],
  ['shapes that differ', () => huberLoss()(zeros([4]), zeros([5])), /huberLoss: .*\[4\].*\[5\]/],
  ['shapes that differ', () => bceLoss()(zeros([4]), zeros([5])), /bceLoss: .*\[4\].*\[5\]/],
  ['a weight that does not broadcast', () => bceLoss({ weight: [1, 2] })(zeros([4, 3]), zeros([4, 3])), /bceLoss: weight has shape \[2\].*\[4, 3\]/],
  ['a posWeight that does not broadcast', () => bceWithLogitsLoss({ posWeight: [1, 2] })(zeros([4, 3]), zeros([4, 3])), /posWeight has shape \[2\]/],
  ['a target that is no tensor', () => mseLoss()(zeros([1]), 1 as never), /mseLoss: .*not a tensor/],
])('%s', (_what, use, message) => {
  expect(use).toThrow(message);
}); // prettier-ignore

test('a loss may have reductions of its own', () => {
  expect(klDivLoss({ reduction: 'batchmean' })(zeros([2, 3]), zeros([2, 3])).shape).toEqual([]);
  expect(() => klDivLoss({ reduction: 'average' as never })).toThrow(/'mean', 'sum', 'none', 'batchmean'/);
  expect(() => mseLoss({ reduction: 'batchmean' as never })).toThrow(/reduction must be one of 'mean', 'sum', 'none'/);
});

test.each<[string, () => unknown, RegExp]>([
  ['two weights', () => mseLoss()(zeros([2]), zeros([2]), zeros([2]), zeros([2])), /mseLoss: takes 2 to 3 tensors \(input, target, weight\?\), and was given 4/],
  ['a weight of another shape', () => huberLoss()(zeros([2]), zeros([2]), zeros([1])), /huberLoss: the weight has shape \[1\].*\[2\]/],
  ['a variance of another shape', () => gaussianNLLLoss()(zeros([2, 3]), zeros([2, 3]), zeros([4])), /gaussianNLLLoss: the variance has shape \[4\]/],
  ['lengths of another batch', () => ctcLoss()(zeros([5, 2, 3]), indices(2, 1), indices(3), indices(2)), /ctcLoss: inputLengths has shape \[3\].*\[2\]/],
  ['a maximum of another shape', () => fenchelYoungLoss({ maxFunction: (x) => x.sum() })(zeros([2, 3]), indices(2)), /fenchelYoungLoss: what maxFunction gives has shape \[\] and must have \[2\]/],
  ['a blank that is no class', () => ctcLoss({ blank: 3 })(zeros([5, 2, 3]), indices(2, 1), indices(2), indices(2)), /blank is 3.*3 classes/],
  ['targets of floats', () => ctcLoss()(zeros([5, 2, 3]), zeros([2, 1]), indices(2), indices(2)), /ctcLoss: .*float32/],
  ['a negative of another shape', () => tripletMarginLoss()(zeros([2, 3]), zeros([2, 3]), zeros([2, 1])), /the negative has shape \[2, 1\]/],
  ['a margin of 0', () => tripletMarginLoss({ margin: 0 }), /margin must be greater than 0/],
  ['p 3', () => multiMarginLoss({ p: 3 }), /p must be at least 1 and at most 2/],
  ['images for a hinge', () => multiMarginLoss()(zeros([2, 3, 4]), indices(2, 4)), /\[2, 3, 4\]; give \[N, C\] or \[C\]/],
  ['a mask of floats', () => rankingSoftmaxLoss()(zeros([3]), zeros([3]), zeros([3])), /the mask is float32/],
  ['an axis that is not there', () => dice({ axis: [2] })(zeros([3]), zeros([3])), /dimension 2 is out of range/],
  ['an axis that is no array', () => dice({ axis: 1 as never }), /axis must be an array of dimensions/],
  ['embeddings without a batch', () => ntXent()(zeros([3]), indices(3)), /give embeddings \[N, D\]/],
])('%s', (_what, use, message) => {
  expect(use).toThrow(message);
}); // prettier-ignore
