import type { Batch, Dataset, TargetForm } from '@kindling/data';

/** Beyond this many numbers batches are made anew for each run. */
const mostNumbers = 2 ** 24;

const cache = new WeakMap<Dataset, Map<string, Batch[]>>();

/**
 * The batches of a run, epoch after epoch, `steps` of them: one order for all runs with this seed. They are made once
 * where they fit into memory.
 */
export function* batchesOf(
  data: Dataset,
  { size, seed, encode, steps }: { size: number; seed: number; encode: TargetForm; steps: number },
): Iterable<Batch> {
  let byKey = cache.get(data);
  if (byKey === undefined) cache.set(data, (byKey = new Map<string, Batch[]>()));
  const key = `${seed} ${size} ${encode}`;
  const kept = byKey.get(key) ?? [];
  const keeps = steps * size * data.width <= mostNumbers;
  if (keeps) byKey.set(key, kept);
  const perEpoch = Math.ceil(data.rows / size);
  yield* kept.slice(0, steps);
  let step = Math.min(kept.length, steps);
  for (let epoch = Math.floor(step / perEpoch); step < steps; epoch++) {
    // whole epochs only, also where the run is given up: the next one starts behind them
    const batches = data.batches({ size, seed, epoch, encode });
    const next = keeps ? [...batches] : batches;
    if (keeps) kept.push(...next);
    for (const batch of next) {
      if (step === steps) return;
      step += 1;
      yield batch;
    }
  }
}
