import { KindlingError, type Metric, type Tensor, type Values } from '@kindling/core';

export type { Metric, Values };

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
