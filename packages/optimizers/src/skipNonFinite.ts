import { assignOnlyIf } from '@kindling/core';
import { defineOptimizerWrapper } from '@kindling/core/modelScope';
import { allFinite } from './common/allFinite.js';

/**
 * Leaves out the steps whose gradients are not all finite: parameters and state stay as they were. It goes around any
 * optimizer; nothing is read for it, so it works in compiled steps and on devices that answer late.
 *
 * `const optimizer = skipNonFinite(adam(model.parameters()))`; `fit` has `nonFinite: 'skip'` for it. The number of steps that
 * schedules and bias corrections go by counts also those that were left out.
 *
 * Source: PyTorch's `GradScaler`, whose scale is always 1 here; Optax's `apply_if_finite`.
 */
export const skipNonFinite = /* @__PURE__ */ defineOptimizerWrapper({
  name: 'skipNonFinite',
  when: 'before',
  options: {},
  init: () => ({}),
  scalars: () => ({}),
  update: ({ members, baseStep }) => {
    assignOnlyIf(allFinite(members.map((m) => m.gradient)), baseStep);
    return { members: members.map(() => ({ state: {} })) };
  },
});
