import { definePlugin } from '@kindling/core';
import { bceLoss } from './bceLoss.js';
import { bceWithLogitsLoss } from './bceWithLogitsLoss.js';
import { categoricalCrossEntropy } from './categoricalCrossEntropy.js';
import { cosineEmbeddingLoss } from './cosineEmbeddingLoss.js';
import { crossEntropyLoss } from './crossEntropyLoss.js';
import { ctcLoss } from './ctcLoss.js';
import { gaussianNLLLoss } from './gaussianNLLLoss.js';
import { hingeEmbeddingLoss } from './hingeEmbeddingLoss.js';
import { huberLoss } from './huberLoss.js';
import { klDivLoss } from './klDivLoss.js';
import { l1Loss } from './l1Loss.js';
import { maeLoss } from './maeLoss.js';
import { marginRankingLoss } from './marginRankingLoss.js';
import { mseLoss } from './mseLoss.js';
import { multiLabelMarginLoss } from './multiLabelMarginLoss.js';
import { multiLabelSoftMarginLoss } from './multiLabelSoftMarginLoss.js';
import { multiMarginLoss } from './multiMarginLoss.js';
import { nllLoss } from './nllLoss.js';
import { poissonNLLLoss } from './poissonNLLLoss.js';
import { smoothL1Loss } from './smoothL1Loss.js';
import { softMarginLoss } from './softMarginLoss.js';
import { sparseCategoricalCrossEntropy } from './sparseCategoricalCrossEntropy.js';
import { tripletMarginLoss } from './tripletMarginLoss.js';
import { tripletMarginWithDistanceLoss } from './tripletMarginWithDistanceLoss.js';

export {
  bceLoss,
  bceWithLogitsLoss,
  categoricalCrossEntropy,
  cosineEmbeddingLoss,
  crossEntropyLoss,
  ctcLoss,
  gaussianNLLLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDivLoss,
  l1Loss,
  maeLoss,
  marginRankingLoss,
  mseLoss,
  multiLabelMarginLoss,
  multiLabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  poissonNLLLoss,
  smoothL1Loss,
  softMarginLoss,
  sparseCategoricalCrossEntropy,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
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
    cosineEmbeddingLoss,
    ctcLoss,
    gaussianNLLLoss,
    hingeEmbeddingLoss,
    klDivLoss,
    marginRankingLoss,
    multiLabelMarginLoss,
    multiLabelSoftMarginLoss,
    multiMarginLoss,
    poissonNLLLoss,
    softMarginLoss,
    tripletMarginLoss,
    tripletMarginWithDistanceLoss,
  ],
});
