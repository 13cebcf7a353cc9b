import type { LossTrial, TrialInput } from '@kindling/testkit';

let seed = 1;
/** Numbers that look random and are the same on every run. */
const random = (low: number, high: number, ...shape: number[]): TrialInput => ({
  shape,
  values: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    seed = (seed * 48271) % 2147483647;
    // also in float32
    return Math.fround(low + ((high - low) * seed) / 2147483647);
  }),
});
const floats = (values: number[], ...shape: number[]): TrialInput => ({ values: values.map(Math.fround), shape });
const int32 = (values: number[], ...shape: number[]): TrialInput => ({ values, shape, integers: true });
const none = (...shape: number[]): TrialInput => ({ values: [], shape });
const noIndices = (...shape: number[]): TrialInput => ({ values: [], shape, integers: true });

const huge = floats([1e5, -1e5, 0, 1e5, -1e5, 3], 2, 3);
const labels = int32([2, 0], 2);
const shares = floats([0.2, 0.3, 0.5, 0.6, 0.1, 0.3], 2, 3);
const signs = floats([1, -1, 1, -1, -1, 1], 2, 3);

const regression = (low = -2, high = 2): LossTrial => ({
  inputs: [random(low, high, 2, 3), random(low, high, 2, 3)],
  empty: [none(0, 3), none(0, 3)],
  ...(low < 0 ? { extreme: [huge, floats([0, 0, 1e5, -1e5, 1e5, 3], 2, 3)] } : {}),
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
  extreme: [floats([0, 1, 0, 1, 0.5, 1], 2, 3), floats([0, 1, 1, 0, 0, 0.5], 2, 3)],
});
const pair = (dimensions: number[]): TrialInput[] => [random(-2, 2, ...dimensions), random(-2, 2, ...dimensions)];
const pairSigns = floats([1, -1, 1], 3);
const triplet: LossTrial = {
  inputs: [random(-1, 1, 3, 4), random(-1, 1, 3, 4), random(-1, 1, 3, 4)],
  options: { margin: 3 },
  empty: [none(0, 4), none(0, 4), none(0, 4)],
  extreme: [huge, huge, huge],
};
const kinds = int32([0, 1, 0, 1], 4);

/** What each loss is tried with. */
export const trials: Record<string, LossTrial> = {
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
    extreme: [huge, huge, floats([0, 0, 0, 0, 0, 0], 2, 3)],
  },
  hingeEmbeddingLoss: bySign(),
  marginRankingLoss: {
    inputs: [...pair([3]), pairSigns],
    differentiable: [0, 1],
    options: { margin: 0.3 },
    empty: [none(0), none(0), none(0)],
    extreme: [floats([1e5, -1e5, 0], 3), floats([-1e5, 1e5, 0], 3), pairSigns],
  },
  cosineEmbeddingLoss: {
    inputs: [...pair([3, 4]), pairSigns],
    differentiable: [0, 1],
    options: { margin: -0.9 },
    empty: [none(0, 4), none(0, 4), none(0)],
    extreme: [floats([0, 0, 1e5, 1e5, 1e-5, 0], 3, 2), floats([1, 1, -1e5, 1e5, 0, 1e-5], 3, 2), pairSigns],
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
    extreme: [floats([-1e5, 0, -1, 0, -1e5, -1e5], 2, 1, 3), int32([1], 1, 1), int32([2], 1), int32([1], 1)],
  },
  linearCrossEntropyLoss: {
    inputs: [random(-2, 2, 3, 4), int32([2, 0, 4], 3), random(-1, 1, 5, 4), random(-1, 1, 5)],
    options: { chunks: 2, labelSmoothing: 0.125 },
    classes: 5,
    empty: [none(0, 4), noIndices(0), random(-1, 1, 5, 4), random(-1, 1, 5)],
    extreme: [
      floats([1e5, -1e5, 0, 3], 2, 2),
      int32([0, 1], 2),
      floats([1, 0, 0, 1, -1, -1], 3, 2),
      floats([0, 1, 2], 3),
    ],
  },
  binaryCrossEntropy: probabilities(),
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
    inputs: [floats([0.6, 0.8, 0, 1, -0.28, 0.96, 0.8, -0.6], 4, 2), kinds],
    options: { gamma: 2 },
    extreme: [floats([1, 0, -1, 0, 1, 0, -1, 0], 4, 2), kinds],
  },
  polyLoss: byShare(),
  sparsemaxLoss: byIndex(),
  ntXent: {
    inputs: [random(-2, 2, 4, 3), kinds],
    plainMean: false,
    extreme: [floats([1e5, 0, 1e5, 0, -1e5, 1, 1e-5, 0], 4, 2), kinds],
  },
  rankingSoftmaxLoss: byShare(),
  quantileLoss: regression(),
  fenchelYoungLoss: byShare(),
};
