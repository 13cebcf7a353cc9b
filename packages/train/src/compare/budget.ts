import { now } from '../common/breathe.js';

/** What every combination gets. */
export interface Budget {
  steps: number;
  searchRates: number;
  searchRounds: number;
  finalRounds: number;
}

export interface Cost {
  /** Seconds of a run beside its steps, for all combinations together. */
  readonly setup: number;
  readonly perStep: number;
}

/**
 * Makes the budget fit into a time, for all combinations alike: first fewer repetitions, then fewer steps, then fewer
 * learning rates. It never takes the last of anything.
 */
export function fitInto(budget: Budget, cost: Cost, seconds: number): Budget {
  const cut = { ...budget };
  const needed = (): number => {
    // each final round has the default learning rate, too
    const runs = cut.searchRates * cut.searchRounds + 2 * cut.finalRounds + 1;
    return runs * (cost.setup + cost.perStep * cut.steps);
  };
  const leastRounds = Math.min(3, budget.finalRounds);
  const leastSteps = Math.min(60, budget.steps);
  while (needed() > seconds && cut.finalRounds > leastRounds) cut.finalRounds -= 1;
  while (needed() > seconds && cut.searchRounds > 1) cut.searchRounds -= 1;
  while (needed() > seconds && cut.steps > leastSteps) cut.steps = Math.max(leastSteps, Math.floor(cut.steps * 0.9));
  while (needed() > seconds && cut.searchRates > 1) cut.searchRates -= 1;
  while (needed() > seconds && cut.finalRounds > 1) cut.finalRounds -= 1;
  while (needed() > seconds && cut.steps > 10) cut.steps = Math.max(10, Math.floor(cut.steps * 0.9));
  return cut;
}

/** Time that runs out. */
export class Clock {
  readonly started = now();
  constructor(readonly limit: number | undefined) {}
  get seconds(): number {
    return (now() - this.started) / 1000;
  }
  /** When a share of the limit is over, as of `now()`. */
  deadline(share: number): number {
    return this.limit === undefined ? Infinity : this.started + this.limit * 1000 * share;
  }
}
