/** √10: two values a decade. */
const stepSize = 10 ** 0.5;

/** Learning rates around a default, nearest first: seven values over three decades. */
export function candidates(lr: number): number[] {
  return [0, 1, -1, 2, -2, 3, -3].map((k) => round(lr * stepSize ** k));
}

/** The next value beyond the best one, where that lies at an edge; undefined where it does not. */
export function beyond(tried: readonly number[], best: number): number | undefined {
  const sorted = [...tried].sort((a, b) => a - b);
  if (best === sorted.at(-1)) return round(best * stepSize);
  if (best === sorted[0]) return round(best / stepSize);
  return undefined;
}

/** Two digits: people read them. */
function round(x: number): number {
  return Number(x.toPrecision(2));
}
