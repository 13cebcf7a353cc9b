import { definePlugin } from '@kindling/core';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

export { adam, adamw, rmsprop, sgd };

export default /* @__PURE__ */ definePlugin({
  name: '@kindling/optimizers',
  contract: 1,
  provides: [sgd, adam, adamw, rmsprop],
});
