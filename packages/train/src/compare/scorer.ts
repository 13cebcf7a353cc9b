import { type ConfiguredMetric, tensor } from '@kindling/core';
import type { Dataset } from '@kindling/data';
import { forMetric } from '../common/outputs.js';

/** Scores logits, or values in the units of training, row-major with `width` numbers a row, against the targets of `data`. */
export async function scoreOf(
  metric: ConfiguredMetric,
  outputs: Float32Array,
  width: number,
  data: Dataset,
): Promise<number> {
  const shape = [outputs.length / width, width];
  if (data.task === 'regression')
    return metric.measure({ data: restored(outputs, data), shape }, restoredTargets(data));
  if (metric.output === 'logits') return metric.measure({ data: outputs, shape }, data.targets);
  const given = forMetric(tensor(outputs, { shape }), metric, data.task);
  return metric.measure({ data: await given.data(), shape: given.shape }, data.targets);
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

/** The score of the majority class, or of the mean, of `seen`. */
export async function baselineScore(
  metric: ConfiguredMetric,
  seen: readonly Dataset[],
  scored: Dataset,
): Promise<number> {
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
export function isBetter(metric: ConfiguredMetric, a: number, b: number): boolean {
  if (Number.isNaN(a)) return false;
  if (Number.isNaN(b)) return true;
  return metric.higherIsBetter ? a > b : a < b;
}
