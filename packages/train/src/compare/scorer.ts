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
  if (data.task === 'regression') return metric.score!(restored(outputs, data), restoredTargets(data));
  if (metric.score !== undefined) return metric.score(classesOf(outputs, width), data.targets);
  const measure = metric.create();
  await measure.update(tensor(outputs, { shape: [-1, width] }), tensor(data.targets));
  return measure.compute();
}

/** Standardised values → the units of the target. A loop: this runs thousands of times. */
function restored(values: ArrayLike<number>, { targetScale: { mean, std } }: Dataset): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = values[i] * std + mean;
  return out;
}

const targets = new WeakMap<Dataset, Float64Array>();
function restoredTargets(data: Dataset): Float64Array {
  let known = targets.get(data);
  if (known === undefined) targets.set(data, (known = restored(data.targets, data)));
  return known;
}

function classesOf(logits: Float32Array, width: number): Int32Array {
  const classes = new Int32Array(logits.length / width);
  for (let row = 0; row < classes.length; row++) {
    if (width === 1) classes[row] = logits[row] > 0 ? 1 : 0;
    else for (let i = 1; i < width; i++) if (logits[row * width + i] > logits[row * width + classes[row]]) classes[row] = i; // prettier-ignore
  }
  return classes;
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
