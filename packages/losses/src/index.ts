import { definePlugin } from '@kindling/core';
import { bceLoss } from './bceLoss.js';
import { bceWithLogitsLoss } from './bceWithLogitsLoss.js';
import { binaryCrossEntropy } from './binaryCrossEntropy.js';
import { binaryFocalCrossEntropy } from './binaryFocalCrossEntropy.js';
import { categoricalCrossEntropy } from './categoricalCrossEntropy.js';
import { categoricalFocalCrossEntropy } from './categoricalFocalCrossEntropy.js';
import { categoricalGeneralizedCrossEntropy } from './categoricalGeneralizedCrossEntropy.js';
import { categoricalHinge } from './categoricalHinge.js';
import { circle } from './circle.js';
import { cosineEmbeddingLoss } from './cosineEmbeddingLoss.js';
import { cosineSimilarity } from './cosineSimilarity.js';
import { crossEntropyLoss } from './crossEntropyLoss.js';
import { ctcLoss } from './ctcLoss.js';
import { dice } from './dice.js';
import { fenchelYoungLoss } from './fenchelYoungLoss.js';
import { gaussianNLLLoss } from './gaussianNLLLoss.js';
import { hinge } from './hinge.js';
import { hingeEmbeddingLoss } from './hingeEmbeddingLoss.js';
import { huberLoss } from './huberLoss.js';
import { klDivLoss } from './klDivLoss.js';
import { l1Loss } from './l1Loss.js';
import { linearCrossEntropyLoss } from './linearCrossEntropyLoss.js';
import { logCosh } from './logCosh.js';
import { maeLoss } from './maeLoss.js';
import { marginRankingLoss } from './marginRankingLoss.js';
import { meanAbsolutePercentageError } from './meanAbsolutePercentageError.js';
import { meanSquaredLogarithmicError } from './meanSquaredLogarithmicError.js';
import { mseLoss } from './mseLoss.js';
import { multiLabelMarginLoss } from './multiLabelMarginLoss.js';
import { multiLabelSoftMarginLoss } from './multiLabelSoftMarginLoss.js';
import { multiMarginLoss } from './multiMarginLoss.js';
import { nllLoss } from './nllLoss.js';
import { ntXent } from './ntXent.js';
import { poisson } from './poisson.js';
import { poissonNLLLoss } from './poissonNLLLoss.js';
import { polyLoss } from './polyLoss.js';
import { quantileLoss } from './quantileLoss.js';
import { rankingSoftmaxLoss } from './rankingSoftmaxLoss.js';
import { smoothL1Loss } from './smoothL1Loss.js';
import { softMarginLoss } from './softMarginLoss.js';
import { sparseCategoricalCrossEntropy } from './sparseCategoricalCrossEntropy.js';
import { sparsemaxLoss } from './sparsemaxLoss.js';
import { squaredHinge } from './squaredHinge.js';
import { tripletMarginLoss } from './tripletMarginLoss.js';
import { tripletMarginWithDistanceLoss } from './tripletMarginWithDistanceLoss.js';
import { tversky } from './tversky.js';

export {
  bceLoss,
  bceWithLogitsLoss,
  binaryCrossEntropy,
  binaryFocalCrossEntropy,
  categoricalCrossEntropy,
  categoricalFocalCrossEntropy,
  categoricalGeneralizedCrossEntropy,
  categoricalHinge,
  circle,
  cosineEmbeddingLoss,
  cosineSimilarity,
  crossEntropyLoss,
  ctcLoss,
  dice,
  fenchelYoungLoss,
  gaussianNLLLoss,
  hinge,
  hingeEmbeddingLoss,
  huberLoss,
  klDivLoss,
  l1Loss,
  linearCrossEntropyLoss,
  logCosh,
  maeLoss,
  marginRankingLoss,
  meanAbsolutePercentageError,
  meanSquaredLogarithmicError,
  mseLoss,
  multiLabelMarginLoss,
  multiLabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  ntXent,
  poisson,
  poissonNLLLoss,
  polyLoss,
  quantileLoss,
  rankingSoftmaxLoss,
  smoothL1Loss,
  softMarginLoss,
  sparseCategoricalCrossEntropy,
  sparsemaxLoss,
  squaredHinge,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
  tversky,
};

export default /* @__PURE__ */ definePlugin({
  name: '@kindling/losses',
  contract: 1,
  provides: [
    crossEntropyLoss,
    nllLoss,
    sparseCategoricalCrossEntropy,
    categoricalCrossEntropy,
    bceWithLogitsLoss,
    bceLoss,
    mseLoss,
    l1Loss,
    maeLoss,
    smoothL1Loss,
    huberLoss,
    binaryCrossEntropy,
    binaryFocalCrossEntropy,
    categoricalFocalCrossEntropy,
    categoricalGeneralizedCrossEntropy,
    categoricalHinge,
    circle,
    cosineEmbeddingLoss,
    cosineSimilarity,
    ctcLoss,
    linearCrossEntropyLoss,
    dice,
    fenchelYoungLoss,
    gaussianNLLLoss,
    hinge,
    hingeEmbeddingLoss,
    klDivLoss,
    logCosh,
    marginRankingLoss,
    meanAbsolutePercentageError,
    meanSquaredLogarithmicError,
    multiLabelMarginLoss,
    multiLabelSoftMarginLoss,
    multiMarginLoss,
    ntXent,
    poisson,
    poissonNLLLoss,
    polyLoss,
    quantileLoss,
    rankingSoftmaxLoss,
    softMarginLoss,
    sparsemaxLoss,
    squaredHinge,
    tripletMarginLoss,
    tripletMarginWithDistanceLoss,
    tversky,
  ],
});
