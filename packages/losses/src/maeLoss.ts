import { defineLoss, type Tensor } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';

/** The mean absolute error: `l1Loss` under the name that others know it by. */
export const maeLoss = /* @__PURE__ */ defineLoss({
  name: 'maeLoss',
  task: 'regression',
  output: 'value',
  options: {},
  compute: (_options, input: Tensor, target: Tensor) => absoluteError('maeLoss', input, target),
});
