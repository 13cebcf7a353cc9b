import { defineMetric, integer } from '@kindling/core';
import { classOf, ignoreIndex } from './common/classes.js';
import { itemsOf } from './common/items.js';

/**
 * The share of rows whose class is among the `k` with the largest outputs (Keras' `TopKCategoricalAccuracy`). Among equal
 * outputs the lower class comes first, as for `accuracy`, which is `k` 1.
 *
 * Outputs [b, classes, …] of any order-preserving kind; targets [b, …] or as the outputs. Options: `k` 5, `ignoreIndex`
 * −100. 1 where `k` is at least the number of classes; NaN without any row.
 */
export const topKAccuracy = /* @__PURE__ */ defineMetric({
  name: 'topKAccuracy',
  task: ['classification', 'binary'],
  options: {
    k: /* @__PURE__ */ integer({ default: 5, minimum: 1, description: 'how many classes may be named' }),
    ignoreIndex,
  },
  higherIsBetter: true,
  range: [0, 1],
  start: () => ({ right: 0, all: 0 }),
  update: ({ k, ignoreIndex: ignored }, state, batch) => {
    const items = itemsOf('topKAccuracy', batch);
    const { count, width, output, weightOf } = items;
    for (let i = 0; i < count; i++) {
      const actual = classOf('topKAccuracy', items, i, Math.max(2, width), ignored);
      if (actual === undefined) continue;
      state.all += weightOf(i);
      if (rank(output, i * width, width, actual) < k) state.right += weightOf(i);
    }
  },
  compute: (_, { right, all }) => right / all,
});

/** How many classes come before `actual`. NaN comes last. */
function rank(output: ArrayLike<number>, from: number, width: number, actual: number): number {
  if (width === 1) return +(actual === 1) !== +(output[from] > 0) ? 1 : 0;
  const own = output[from + actual];
  let before = 0;
  for (let c = 0; c < width; c++) {
    const other = output[from + c];
    if (other > own || (other === own && c < actual) || (Number.isNaN(own) && !Number.isNaN(other))) before++;
  }
  return before;
}
