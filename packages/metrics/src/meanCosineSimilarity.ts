import { defineMetric, KindlingError, showShape } from '@kindling/core';
import { sameButForOnes, weightsOf } from './common/items.js';

/**
 * The mean over rows of ŷ · y / (|ŷ| |y|), the cosine of the angle between output and target (Keras' and torchmetrics'
 * `CosineSimilarity`).
 *
 * Outputs and targets [b, features] of one shape. 0 for a row that is all zeros in either; NaN without any row.
 */
export const meanCosineSimilarity = /* @__PURE__ */ defineMetric({
  name: 'meanCosineSimilarity',
  task: ['regression', 'embedding'],
  output: 'value',
  options: {},
  higherIsBetter: true,
  range: [-1, 1],
  start: () => ({ sum: 0, all: 0 }),
  update: (_, state, { output, target, weight }) => {
    if (output.shape.length < 2 || !sameButForOnes(output.shape, target.shape))
      throw new KindlingError(
        `meanCosineSimilarity: outputs and targets must both be [rows, features], got ${showShape(output.shape)} and ${showShape(target.shape)}.`,
      );
    const rows = output.shape[0];
    const width = output.data.length / rows;
    const weightOf = weightsOf('meanCosineSimilarity', weight, rows, rows);
    for (let row = 0; row < rows; row++) {
      let [xx, yy, xy] = [0, 0, 0];
      for (let i = row * width; i < (row + 1) * width; i++) {
        const [x, y] = [output.data[i], target.data[i]];
        xx += x * x;
        yy += y * y;
        xy += x * y;
      }
      state.sum += weightOf(row) * (xx === 0 || yy === 0 ? 0 : xy / (Math.sqrt(xx) * Math.sqrt(yy)));
      state.all += weightOf(row);
    }
  },
  compute: (_, { sum, all }) => sum / all,
});
