import { definePlugin } from '@kindling/core';
import { adam } from './adam.js';
import { adamw } from './adamw.js';
import { clipGradNorm, type ClipGradNormOptions } from './clipGradNorm.js';
import { clipGradValue } from './clipGradValue.js';
import { cosineAnnealingLR } from './cosineAnnealingLR.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';
import { stepLR } from './stepLR.js';

export type { Schedule, ScheduleFactory, ScheduleState } from './common/schedule.js';
export type { ClipGradNormOptions };
export { adam, adamw, clipGradNorm, clipGradValue, cosineAnnealingLR, rmsprop, sgd, stepLR };

export default /* @__PURE__ */ definePlugin({
  name: '@kindling/optimizers',
  contract: 1,
  provides: [sgd, adam, adamw, rmsprop],
});
