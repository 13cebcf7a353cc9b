import { definePlugin } from '@kindling/core';
import { bceLoss } from './bceLoss.js';
import { bceWithLogitsLoss } from './bceWithLogitsLoss.js';
import { categoricalCrossEntropy } from './categoricalCrossEntropy.js';
import { crossEntropyLoss } from './crossEntropyLoss.js';
import { huberLoss } from './huberLoss.js';
import { l1Loss } from './l1Loss.js';
import { maeLoss } from './maeLoss.js';
import { mseLoss } from './mseLoss.js';
import { nllLoss } from './nllLoss.js';
import { smoothL1Loss } from './smoothL1Loss.js';
import { sparseCategoricalCrossEntropy } from './sparseCategoricalCrossEntropy.js';

export {
  bceLoss,
  bceWithLogitsLoss,
  categoricalCrossEntropy,
  crossEntropyLoss,
  huberLoss,
  l1Loss,
  maeLoss,
  mseLoss,
  nllLoss,
  smoothL1Loss,
  sparseCategoricalCrossEntropy,
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
  ],
});
