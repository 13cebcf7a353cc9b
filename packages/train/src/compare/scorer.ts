import { tensor } from '@kindling/core';
import type { Dataset } from '@kindling/data';
import type { MetricInfo } from '@kindling/metrics';

/** Scores logits, or values in the units of training, row-major with `width` numbers a row, against the targets of `data`. */
export async function scoreOf(
  metric: MetricInfo,
  outputs: Float32Array,
  width: number,
  data: Dataset,
): Promise<number> {
  const { mean, std } = data.targetScale;
  if (data.task === 'regression') {
    const restore = (values: ArrayLike<number>): Float64Array => Float64Array.from(values, (v) => v * std + mean);
    return metric.score!(restore(outputs), restore(data.targets));
  }
  if (metric.score !== undefined) return metric.score(classesOf(outputs, width), data.targets);
  const measure = metric.create();
  await measure.update(tensor(outputs, { shape: [-1, width] }), tensor(data.targets));
  return measure.compute();
}

function classesOf(logits: Float32Array, width: number): Int32Array {
  if (width === 1) return Int32Array.from(logits, (x) => (x > 0 ? 1 : 0));
  return Int32Array.from({ length: logits.length / width }, (_, row) => {
    let best = 0;
    for (let i = 1; i < width; i++) if (logits[row * width + i] > logits[row * width + best]) best = i;
    return best;
  });
}

/** The score of the majority class, or of the mean, of `seen`. */
export async function baselineScore(metric: MetricInfo, seen: readonly Dataset[], scored: Dataset): Promise<number> {
  const targets = seen.flatMap((d) => Array.from(d.targets));
  if (scored.task === 'regression') {
    const mean = targets.reduce((a, b) => a + b, 0) / targets.length;
    return scoreOf(metric, new Float32Array(scored.rows).fill(mean), 1, scored);
  }
  const counts = new Float32Array(scored.classes.length);
  for (const c of targets) counts[c]++;
  const logits = counts.map((n) => Math.log(Math.max(n, 1e-3) / targets.length));
  const width = logits.length;
  return scoreOf(metric, Float32Array.from({ length: scored.rows * width }, (_, i) => logits[i % width]), width, scored); // prettier-ignore
}

/** Whether `a` is better than `b`; anything is better than NaN. */
export function isBetter(metric: MetricInfo, a: number, b: number): boolean {
  if (Number.isNaN(a)) return false;
  if (Number.isNaN(b)) return true;
  return metric.higherIsBetter ? a > b : a < b;
}
