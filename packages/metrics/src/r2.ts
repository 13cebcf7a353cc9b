import { requireMatching } from './errors.js';
import { requireSameLength, streaming, type Metric } from './metric.js';

/**
 * The share of the targets' variance that the predictions explain: 1 is perfect, 0 as good as always predicting the
 * mean, negative worse. As scikit-learn has it: for equal targets 1 if predicted exactly and 0 otherwise; NaN below
 * two elements.
 */
export function r2Score(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  requireSameLength('r2', predicted, actual);
  const n = actual.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += actual[i] / n;
  let [unexplained, total] = [0, 0];
  for (let i = 0; i < n; i++) {
    unexplained += (actual[i] - predicted[i]) ** 2;
    total += (actual[i] - mean) ** 2;
  }
  return explained(n, unexplained, total);
}

/** R² over all elements; see `r2Score`. */
export function r2(): Metric {
  return streaming(
    () => ({ n: 0, mean: 0, total: 0, unexplained: 0 }),
    (state, output, target) => {
      requireMatching('r2', output, target);
      for (let i = 0; i < target.data.length; i++) {
        const value = target.data[i];
        state.unexplained += (value - output.data[i]) ** 2;
        // Welford's update: no second pass over the targets, and no cancellation
        const delta = value - state.mean;
        state.mean += delta / ++state.n;
        state.total += delta * (value - state.mean);
      }
    },
    ({ n, unexplained, total }) => explained(n, unexplained, total),
  );
}

function explained(n: number, unexplained: number, total: number): number {
  if (n < 2) return NaN;
  if (total === 0) return unexplained === 0 ? 1 : 0;
  return 1 - unexplained / total;
}
