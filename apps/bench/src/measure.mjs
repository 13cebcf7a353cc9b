/** The middle of the values, and half the distance between the quartiles in percent of it. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q) => {
    const position = q * (sorted.length - 1);
    const below = Math.floor(position);
    const rest = position - below;
    return sorted[below] * (1 - rest) + (sorted[below + 1] ?? sorted[below]) * rest;
  };
  const median = at(0.5);
  return { median, spread: (at(0.75) - at(0.25)) / 2 / median, best: sorted[0] };
}

/** Milliseconds on the wall, or of this process on a processor, which tells something on a busy machine, too. */
const clocks = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

/** Milliseconds of one of so many runs. */
export async function timed(runner, count, clock) {
  await runner.begin?.();
  if (runner.elapsed) return (await runner.elapsed(count, clock)) / count;
  const now = clocks[clock];
  const start = now();
  for (let i = 0; i < count; i++) {
    const running = runner.run();
    if (running !== undefined) await running; // only where it has to be waited for
  }
  await runner.finish();
  return (now() - start) / count;
}

/**
 * Milliseconds of one run for each runner. They take turns, so that whatever slows the machine down for a while slows
 * all of them: ratios of one measurement mean something, also where the times do not.
 */
export async function alternate(runners, { rounds, batchMs, warmupMs, clock }) {
  const counts = new Map();
  const turns = new Map(); // fewer for those whose one run takes longer than two batches
  for (const [name, runner] of runners) {
    const start = performance.now();
    let one = await timed(runner, 1, clock);
    while (performance.now() - start < warmupMs)
      one = await timed(runner, Math.max(1, Math.ceil(batchMs / 4 / one)), clock);
    counts.set(name, Math.max(1, Math.ceil(batchMs / one)));
    turns.set(name, Math.min(rounds, Math.max(3, Math.ceil((2 * rounds * batchMs) / one))));
  }
  const times = new Map([...runners.keys()].map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, runner] of runners) {
      if (round >= turns.get(name)) continue;
      await new Promise((resolve) => setTimeout(resolve)); // workers start and pages are drawn in between only
      times.get(name).push(await timed(runner, counts.get(name), clock));
    }
  return new Map([...times].map(([name, list]) => [name, summary(list)]));
}
