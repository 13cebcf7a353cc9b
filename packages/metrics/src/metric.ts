import type { Tensor } from '@kindling/core';
import { KindlingError } from '@kindling/core';

/** A measure of predictions, fed batch by batch. */
export interface Metric<R = number> {
  /**
   * Takes a batch of model outputs and targets. The promise may be ignored: `compute` waits for every batch. The
   * tensors are read, never kept.
   */
  update(output: Tensor, target: Tensor): Promise<void>;
  /** The value over all batches since the start or the last reset. NaN where it is undefined, as without any row. */
  compute(): Promise<R>;
  /** Forgets all batches. */
  reset(): void;
}

/** Numbers read from a tensor, with its shape. @internal */
export interface Values {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** A metric of an accumulator: batches are read at once and folded in the order of their updates. @internal */
export function streaming<S, R>(
  start: () => S,
  fold: (state: S, output: Values, target: Values) => void,
  result: (state: S) => R,
): Metric<R> {
  let state = start();
  let settled: Promise<void> = Promise.resolve();
  return {
    update(output, target) {
      const into = state;
      const read = Promise.all([valuesOf(output), valuesOf(target)]);
      const before = settled;
      const done = (async () => {
        const [o, t] = await Promise.all([read, before]).then(([pair]) => pair);
        fold(into, o, t);
      })();
      settled = done;
      done.catch(() => {}); // reported by compute, and by the promise if it is awaited
      return done;
    },
    async compute() {
      await settled;
      return result(state);
    },
    reset() {
      state = start();
      settled = Promise.resolve();
    },
  };
}

async function valuesOf(tensor: Tensor): Promise<Values> {
  return { data: await tensor.data(), shape: tensor.shape };
}

/** Throws if two columns of numbers differ in length. @internal */
export function requireSameLength(operation: string, predicted: ArrayLike<unknown>, actual: ArrayLike<unknown>): void {
  if (predicted.length !== actual.length)
    throw new KindlingError(
      `${operation}: ${predicted.length} predictions but ${actual.length} targets; each row needs one of both.`,
    );
}
