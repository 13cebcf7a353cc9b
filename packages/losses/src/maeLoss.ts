import { defineLoss } from '@kindling/core';
import { absoluteError } from './common/absoluteError.js';
import type { WeightedInputs } from './common/elementwise.js';
import { weighted } from './common/weights.js';

/** The mean absolute error: `l1Loss` under the name that others know it by. */
export const maeLoss = /* @__PURE__ */ defineLoss({
  name: 'maeLoss',
  task: 'regression',
  inputs: ['input', 'target', 'weight?'],
  output: 'value',
  options: {},
  compute: (_options, ...[input, target, ...weight]: WeightedInputs) =>
    weighted('maeLoss', absoluteError('maeLoss', input, target), weight),
});
