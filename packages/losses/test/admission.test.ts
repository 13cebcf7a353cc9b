import {
  customGradient,
  defineLoss,
  type LossFactory,
  setDefaultBackend,
  tensor,
  type Tensor,
  zeros,
} from '@kindling/core';
import { referenceBackend } from '@kindling/testkit';
import { beforeAll, describe, expect, test } from 'vitest';
import plugin from '../src/index.js';
import { lossAdmission, type LossTrial } from './lossAdmission.js';

let seed = 1;
/** Numbers that look random and are the same on every run. */
const random = (low: number, high: number, ...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: size }, () => {
    seed = (seed * 48271) % 2147483647;
    return low + ((high - low) * seed) / 2147483647;
  });
  return tensor(values, { shape });
};
const float64 = (values: number[], ...shape: number[]): Tensor => tensor(new Float64Array(values), { shape });
const int32 = (values: number[], ...shape: number[]): Tensor => tensor(new Int32Array(values), { shape });
const none = (...shape: number[]): Tensor => zeros(shape, { dtype: 'float64' });
const noIndices = (...shape: number[]): Tensor => zeros(shape, { dtype: 'int32' });

const huge = float64([1e5, -1e5, 0, 1e5, -1e5, 3], 2, 3);
const labels = int32([2, 0], 2);
const shares = float64([0.2, 0.3, 0.5, 0.6, 0.1, 0.3], 2, 3);
const signs = float64([1, -1, 1, -1, -1, 1], 2, 3);

const regression = (low = -2, high = 2): LossTrial => ({
  inputs: [random(low, high, 2, 3), random(low, high, 2, 3)],
  empty: [none(0, 3), none(0, 3)],
  ...(low < 0 ? { extreme: [huge, float64([0, 0, 1e5, -1e5, 1e5, 3], 2, 3)] } : {}),
});
const byIndex = (low = -2, high = 2): LossTrial => ({
  inputs: [random(low, high, 2, 3), labels],
  empty: [none(0, 3), noIndices(0)],
  ...(low < 0 ? { extreme: [huge, labels] } : {}),
});
const byShare = (low = -2, high = 2): LossTrial => ({
  inputs: [random(low, high, 2, 3), shares],
  empty: [none(0, 3), none(0, 3)],
  ...(low < 0 ? { extreme: [huge, shares] } : {}),
});
const bySign = (inputs = random(-2, 2, 2, 3)): LossTrial => ({
  inputs: [inputs, signs],
  differentiable: [0],
  empty: [none(0, 3), none(0, 3)],
  extreme: [huge, signs],
});
const probabilities = (): LossTrial => ({
  inputs: [random(0.1, 0.9, 2, 3), random(0.1, 0.9, 2, 3)],
  empty: [none(0, 3), none(0, 3)],
  extreme: [float64([0, 1, 0, 1, 0.5, 1], 2, 3), float64([0, 1, 1, 0, 0, 0.5], 2, 3)],
});
const pair = (dimensions: number[]): Tensor[] => [random(-2, 2, ...dimensions), random(-2, 2, ...dimensions)];
const pairSigns = float64([1, -1, 1], 3);
const triplet: LossTrial = {
  inputs: [random(-1, 1, 3, 4), random(-1, 1, 3, 4), random(-1, 1, 3, 4)],
  options: { margin: 3 },
  empty: [none(0, 4), none(0, 4), none(0, 4)],
  extreme: [huge, huge, huge],
};
const kinds = int32([0, 1, 0, 1], 4);

/** What each loss is tried with. */
const trials: Record<string, LossTrial> = {
  crossEntropyLoss: byIndex(),
  nllLoss: byIndex(-3, -0.1),
  sparseCategoricalCrossEntropy: byIndex(0.1, 0.9),
  categoricalCrossEntropy: byShare(0.1, 0.9),
  bceWithLogitsLoss: byShare(),
  bceLoss: probabilities(),
  mseLoss: regression(),
  l1Loss: regression(),
  maeLoss: regression(),
  smoothL1Loss: regression(),
  huberLoss: regression(),
  klDivLoss: byShare(-3, -0.1),
  poissonNLLLoss: { ...regression(0.2, 3), options: { full: true } },
  gaussianNLLLoss: {
    inputs: [random(-2, 2, 2, 3), random(-2, 2, 2, 3), random(0.3, 2, 2, 3)],
    empty: [none(0, 3), none(0, 3), none(0, 3)],
    extreme: [huge, huge, none(2, 3)],
  },
  hingeEmbeddingLoss: bySign(),
  marginRankingLoss: {
    inputs: [...pair([3]), pairSigns],
    differentiable: [0, 1],
    options: { margin: 0.3 },
    empty: [none(0), none(0), none(0)],
    extreme: [float64([1e5, -1e5, 0], 3), float64([-1e5, 1e5, 0], 3), pairSigns],
  },
  cosineEmbeddingLoss: {
    inputs: [...pair([3, 4]), pairSigns],
    differentiable: [0, 1],
    options: { margin: -0.9 },
    empty: [none(0, 4), none(0, 4), none(0)],
    extreme: [float64([0, 0, 1e5, 1e5, 1e-5, 0], 3, 2), float64([1, 1, -1e5, 1e5, 0, 1e-5], 3, 2), pairSigns],
  },
  tripletMarginLoss: triplet,
  tripletMarginWithDistanceLoss: triplet,
  multiMarginLoss: byIndex(),
  multiLabelMarginLoss: {
    inputs: [random(-2, 2, 2, 3), int32([2, 0, -1, 1, -1, -1], 2, 3)],
    empty: [none(0, 3), noIndices(0, 3)],
    extreme: [huge, int32([2, 0, -1, 1, -1, -1], 2, 3)],
  },
  multiLabelSoftMarginLoss: byShare(),
  softMarginLoss: bySign(),
  ctcLoss: {
    inputs: [random(-3, -0.5, 4, 2, 3), int32([1, 2, 2, 0], 2, 2), int32([4, 3], 2), int32([2, 1], 2)],
    plainMean: false,
    extreme: [float64([-1e5, 0, -1, 0, -1e5, -1e5], 2, 1, 3), int32([1], 1, 1), int32([2], 1), int32([1], 1)],
  },
  binaryFocalCrossEntropy: probabilities(),
  categoricalFocalCrossEntropy: byShare(0.1, 0.9),
  categoricalGeneralizedCrossEntropy: byIndex(0.1, 0.9),
  meanAbsolutePercentageError: regression(0.5, 3),
  meanSquaredLogarithmicError: regression(0.5, 3),
  logCosh: regression(),
  poisson: regression(0.5, 3),
  cosineSimilarity: { ...regression(), empty: [none(0, 3), none(0, 3)] },
  hinge: bySign(),
  squaredHinge: bySign(),
  categoricalHinge: { ...byIndex(), empty: [none(0, 3), none(0, 3)] },
  dice: { ...probabilities(), empty: [none(0, 3), none(0, 3)] },
  tversky: { ...probabilities(), empty: [none(0, 3), none(0, 3)] },
  circle: {
    inputs: [float64([0.6, 0.8, 0, 1, -0.28, 0.96, 0.8, -0.6], 4, 2), kinds],
    options: { gamma: 2 },
    extreme: [float64([1, 0, -1, 0, 1, 0, -1, 0], 4, 2), kinds],
  },
  polyLoss: byShare(),
  sparsemaxLoss: byIndex(),
  ntXent: {
    inputs: [random(-2, 2, 4, 3), kinds],
    plainMean: false,
    extreme: [float64([1e5, 0, 1e5, 0, -1e5, 1, 1e-5, 0], 4, 2), kinds],
  },
  rankingSoftmaxLoss: byShare(),
  quantileLoss: regression(),
  fenchelYoungLoss: byShare(),
};

describe('every loss is admitted', () => {
  beforeAll(() => {
    const backend = referenceBackend();
    setDefaultBackend(backend);
    return () => setDefaultBackend(undefined);
  });
  for (const factory of plugin.provides as readonly LossFactory[])
    describe(factory.lossName, () => {
      const trial = trials[factory.lossName];
      if (trial === undefined) throw new Error(`${factory.lossName} has no trial`);
      for (const [name, check] of Object.entries(lossAdmission(factory, trial))) test(name, check);
    });

  test('a loss with a wrong gradient is not', async () => {
    const wrong = defineLoss({
      name: 'wrong',
      task: 'regression',
      output: 'value',
      options: {},
      compute: (_options, x: Tensor, t: Tensor) =>
        customGradient([x.sub(t)], ([e]) => e.mul(e), (g, _y, [e]) => [g.mul(e.mul(-2))]), // prettier-ignore
    });
    const checks = lossAdmission(wrong, regression());
    await expect(checks['its gradient is that of differences']()).rejects.toThrow(/gradient of input 0/);
    await expect(checks['a small step against the gradient makes it less']()).rejects.toThrow(/became/);
    await expect(checks['reductions agree']()).resolves.toBeUndefined();
  });
});
