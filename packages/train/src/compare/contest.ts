import { type ConfiguredMetric, KindlingError } from '@kindling/core';
import { now } from '../common/breathe.js';
import type { AnyLoss, AnyOptimizer, CompareOptions, Comparison, Ranked, Sensitivity } from '../compare.js';
import { headFor } from '../head.js';
import { rankingMetric } from '../rankingMetric.js';
import { type Budget, Clock, fitInto } from './budget.js';
import { beyond, candidates } from './learningRates.js';
import { plan, type Plan, Prepared, type Round } from './rounds.js';
import { baselineScore, isBetter } from './scorer.js';
import { interval, mean, tied, within } from './statistics.js';
import { type Combination, type Conditions, measurer, OutOfTime, runTrial, type TrialResult } from './trial.js';

/** Tables of fewer rows are scored on folds. */
const smallTable = 2000;
/** How often a search goes on beyond an edge. */
const mostWidenings = 4;

/** Twenty epochs, but neither too few steps to learn anything nor more than a comparison can afford. */
function defaultSteps(rows: number, batchSize: number): number {
  return Math.min(2000, Math.max(300, 20 * Math.ceil(rows / batchSize)));
}

/** The runs of one combination. */
interface Entry {
  readonly combination: Combination;
  /** By learning rate: a run for each round of the search. */
  readonly searched: Map<number, TrialResult[]>;
  lr: number;
  readonly final: TrialResult[];
  /** With the default learning rate; the same runs where it was chosen. */
  readonly finalDefault: TrialResult[];
}

/** One call of `compare`. */
export class Contest {
  readonly #options: CompareOptions;
  readonly #metric: ConfiguredMetric;
  readonly #entries: Entry[] = [];
  readonly #skipped: { loss: string; reason: string }[] = [];
  readonly #plan: Plan;
  readonly #prepared: Prepared;
  readonly #clock: Clock;
  readonly #folds: number;
  readonly #cuts: string[] = [];
  #budget: Budget;
  #done = 0;
  #total = 0;

  constructor(options: CompareOptions) {
    const { table, losses, optimizers, lossOptions = {}, optimizerOptions = {} } = options;
    this.#options = options;
    this.#clock = new Clock(options.timeLimit);
    requireOptions(options);
    const { task, classes } = table;
    this.#metric = rankingMetric(options.metric ?? (task === 'regression' ? 'rmse' : 'accuracy'), task)();
    for (const factory of losses) {
      const loss = factory(lossOptions[factory.lossName] ?? {});
      let head;
      try {
        head = headFor(loss, task, classes.length);
      } catch (error) {
        this.#skipped.push({ loss: factory.lossName, reason: (error as Error).message });
        continue;
      }
      for (const optimizer of optimizers) {
        const given = optimizerOptions[optimizer.optimizerName] ?? {};
        const defaultLr = (given['lr'] as number | undefined) ?? defaultLrOf(optimizer);
        const combination = { lossName: factory.lossName, loss, head, optimizer, optimizerOptions: given, defaultLr };
        this.#entries.push({ combination, searched: new Map(), lr: defaultLr, final: [], finalDefault: [] });
      }
    }
    if (this.#entries.length === 0)
      throw new KindlingError(`compare: no loss fits the task. ${this.#skipped.map((s) => s.reason).join('. ')}`);
    const small = table.rows < smallTable;
    this.#folds = options.folds ?? (small ? 5 : 0);
    const seeds = options.seeds ?? (this.#folds > 0 ? [0] : [0, 1, 2]);
    this.#plan = plan(table, {
      test: options.test ?? 0.2,
      validation: options.validation ?? 0.2,
      seed: options.seed ?? 0,
      seeds,
      folds: this.#folds,
      searches: small ? 2 : 1,
    });
    this.#prepared = new Prepared(table);
    this.#budget = {
      steps: options.maxSteps ?? defaultSteps(this.#plan.search[0].train.length, this.#batchSize),
      searchRates: options.lr === 'default' ? 0 : typeof options.lr === 'object' ? options.lr.length : 7,
      searchRounds: this.#plan.search.length,
      finalRounds: this.#plan.final.length,
    };
  }

  async run(): Promise<Comparison> {
    const full = this.#budget;
    if (this.#clock.limit !== undefined) await this.#calibrate(this.#clock.limit);
    const { searchRates, searchRounds, finalRounds } = this.#budget;
    this.#total = this.#entries.length * (searchRates * searchRounds + 2 * finalRounds) + 1;
    if (searchRates > 0) await this.#search();
    const baselines = await this.#finals();
    if (this.#budget.steps < full.steps) this.#cuts.unshift(`${this.#budget.steps} of ${full.steps} steps a run`);
    const ranking = this.#rank(baselines);
    const winner = this.#entries.find(
      ({ combination: c }) => c.lossName === ranking[0].loss && c.optimizer.optimizerName === ranking[0].optimizer,
    )!;
    const { test, model, preprocessing } = await this.#test(winner);
    const { combination, lr } = winner;
    return {
      metric: this.#metric.metricName,
      higherIsBetter: this.#metric.higherIsBetter!,
      ranking,
      baseline: mean(baselines),
      baselineKind: this.#options.table.task === 'regression' ? 'mean' : 'majority',
      skipped: this.#skipped,
      budget: {
        steps: this.#budget.steps,
        runs: baselines.length,
        folds: this.#folds,
        batchSize: this.#batchSize,
      },
      test,
      winner: {
        loss: combination.lossName,
        optimizer: combination.optimizer.optimizerName,
        lr,
        model,
        preprocessing,
        configuredLoss: combination.loss,
      },
      ...(this.#cuts.length === 0 ? {} : { cut: this.#explainCuts() }),
      seconds: this.#clock.seconds,
    };
  }

  get #batchSize(): number {
    return this.#options.batchSize ?? 32;
  }

  #conditions(round: Round, deadline: number, steps = this.#budget.steps): Conditions {
    const { model, measurements = 20, patience, schedule, signal } = this.#options;
    return {
      model,
      metric: this.#metric,
      seed: round.seed,
      batchSize: this.#batchSize,
      steps,
      measurements: Math.min(measurements, steps),
      patience,
      schedule,
      signal,
      deadline,
    };
  }

  /** Measures what steps cost, and makes the budget fit the limit. */
  async #calibrate(limit: number): Promise<void> {
    const round = this.#plan.search[0] ?? this.#plan.final[0];
    let setup = 0;
    let perStep = 0;
    for (const { combination: c } of this.#entries) {
      const time = async (steps: number): Promise<number> => {
        const start = now();
        await runTrial(c, c.defaultLr, this.#prepared.parts(round, c.head), this.#conditions(round, Infinity, steps));
        return (now() - start) / 1000;
      };
      await time(2); // compiles
      const [few, more] = [await time(4), await time(24)];
      const each = Math.max(0, more - few) / 20;
      perStep += each;
      setup += Math.max(0, few - 4 * each);
    }
    const left = (limit - this.#clock.seconds) * 0.85;
    const full = this.#budget;
    this.#budget = fitInto(full, { setup, perStep }, left);
    const { searchRates, searchRounds, finalRounds } = this.#budget;
    if (searchRates < full.searchRates) this.#cuts.push(`${searchRates} of ${full.searchRates} learning rates`);
    if (searchRounds < full.searchRounds) this.#cuts.push(`${searchRounds} of ${full.searchRounds} divisions for the search`); // prettier-ignore
    if (finalRounds < full.finalRounds) this.#cuts.push(`${finalRounds} of ${full.finalRounds} final runs`);
  }
  #explainCuts(): string {
    return `The time limit of ${this.#options.timeLimit} s left ${this.#cuts.join(', ')}, for every combination alike.`;
  }

  // ── learning rates ──
  async #search(): Promise<void> {
    const { lr } = this.#options;
    const { searchRates } = this.#budget;
    const deadline = this.#clock.deadline(0.55);
    const rounds = this.#plan.search.slice(0, this.#budget.searchRounds);
    const ratesOf = ({ combination }: Entry): readonly number[] =>
      typeof lr === 'object' ? lr : candidates(combination.defaultLr);
    for (let k = 0; k < searchRates; k++) {
      // a rate counts only once all combinations had theirs
      const found = await this.#inTime(async () => {
        const results: [Entry, number, TrialResult[]][] = [];
        for (const entry of this.#entries) {
          const rate = ratesOf(entry)[k];
          const runs: TrialResult[] = [];
          for (const round of rounds) runs.push(await this.#trial('search', entry, rate, round, deadline));
          results.push([entry, rate, runs]);
        }
        return results;
      });
      if (found === undefined) {
        this.#cuts.push(`${k} of ${searchRates} learning rates`);
        break;
      }
      for (const [entry, rate, runs] of found) entry.searched.set(rate, runs);
    }
    for (const entry of this.#entries) entry.lr = this.#bestRate(entry);
    if (typeof lr === 'object' || this.#cuts.length > 0) return;
    for (let i = 0; i < mostWidenings; i++) {
      const widened = await this.#inTime(async () => {
        const results: [Entry, number, TrialResult[]][] = [];
        for (const entry of this.#entries) {
          const rate = beyond([...entry.searched.keys()], entry.lr);
          if (rate === undefined) continue;
          this.#total += rounds.length;
          const runs: TrialResult[] = [];
          for (const round of rounds) runs.push(await this.#trial('search', entry, rate, round, deadline));
          results.push([entry, rate, runs]);
        }
        return results;
      });
      if (widened === undefined) this.#cuts.push('no learning rates beyond the edges of the search');
      if (widened === undefined || widened.length === 0) return;
      for (const [entry, rate, runs] of widened) {
        entry.searched.set(rate, runs);
        entry.lr = this.#bestRate(entry);
      }
    }
  }

  #bestRate({ searched, combination: { defaultLr } }: Entry): number {
    let best: { lr: number; score: number; meanScore: number } | undefined;
    // nearest to the default first: it keeps a tie
    for (const [lr, runs] of [...searched].sort((a, b) => distance(a[0], defaultLr) - distance(b[0], defaultLr))) {
      const candidate = { lr, score: searchScore(runs), meanScore: mean(runs.map((r) => r.meanValidation)) };
      if (
        best === undefined ||
        isBetter(this.#metric, candidate.score, best.score) ||
        (candidate.score === best.score && isBetter(this.#metric, candidate.meanScore, best.meanScore))
      )
        best = candidate;
    }
    return best?.lr ?? defaultLr;
  }

  // ── the final runs ──
  /** The baselines of the rounds that were completed. */
  async #finals(): Promise<number[]> {
    const baselines: number[] = [];
    const rounds = this.#plan.final.slice(0, this.#budget.finalRounds);
    for (const [i, round] of rounds.entries()) {
      // the first round is completed in any case: without it there is nothing to say
      const deadline = i === 0 ? Infinity : this.#clock.deadline(0.95);
      const found = await this.#inTime(async () => {
        const results: [Entry, TrialResult, TrialResult][] = [];
        for (const entry of this.#entries) {
          const { defaultLr } = entry.combination;
          const tuned = await this.#trial('final', entry, entry.lr, round, deadline);
          const usual = defaultLr === entry.lr ? tuned : await this.#trial('final', entry, defaultLr, round, deadline);
          if (defaultLr === entry.lr) this.#done += 1;
          results.push([entry, tuned, usual]);
        }
        return results;
      });
      if (found === undefined) {
        this.#cuts.push(`${i} of ${rounds.length} final runs`);
        break;
      }
      for (const [entry, tuned, usual] of found) {
        entry.final.push(tuned);
        entry.finalDefault.push(usual);
      }
      const { train, validation, scored } = this.#prepared.parts(round, this.#entries[0].combination.head);
      baselines.push(await baselineScore(this.#metric, [train, validation], scored!));
      this.#prepared.forget(round);
    }
    return baselines;
  }

  #rank(baselines: readonly number[]): Ranked[] {
    const { overlap } = this.#plan;
    // what diverged is worth no more than a guess
    const scoresOf = (runs: readonly TrialResult[]): number[] =>
      runs.map((run, i) => (run.diverged ? baselines[i] : run.score));
    const rows = this.#entries.map((entry) => {
      const { combination, searched, lr, final, finalDefault } = entry;
      const scores = scoresOf(final);
      const sensitivity: Sensitivity[] = [...searched].map(([rate, runs]) => ({ lr: rate, score: searchScore(runs) }));
      return {
        loss: combination.lossName,
        optimizer: combination.optimizer.optimizerName,
        lr,
        defaultLr: combination.defaultLr,
        mean: mean(scores),
        interval: within(interval(scores, overlap), this.#metric.range ?? [-Infinity, Infinity]),
        scores,
        defaultScore: mean(scoresOf(finalDefault)),
        sensitivity: sensitivity.sort((a, b) => a.lr - b.lr),
        diverged: final.filter((r) => r.diverged).length,
        seconds: mean(final.map((r) => r.seconds)),
        curve: final[0].curve,
      };
    });
    rows.sort((a, b) => (isBetter(this.#metric, a.mean, b.mean) ? -1 : isBetter(this.#metric, b.mean, a.mean) ? 1 : 0));
    const best = rows[0];
    return rows.map((row) => ({ ...row, tiedWithBest: tied(best.scores, row.scores, overlap) }));
  }

  /** The winner on the test rows, for the first and only time. */
  async #test(
    winner: Entry,
  ): Promise<Pick<Comparison, 'test'> & Pick<Comparison['winner'], 'model' | 'preprocessing'>> {
    const { combination, lr } = winner;
    const { train, validation, seed } = this.#plan.search[0];
    const split = this.#options.table.splitRows(
      { train, validation, test: this.#plan.test },
      { standardizeTarget: combination.head.standardizeTarget },
    );
    const round = this.#plan.search[0];
    this.#report('test', winner);
    const parts = { train: split.train, validation: split.validation };
    const { model } = await runTrial(combination, lr, parts, this.#conditions({ ...round, seed }, Infinity), true);
    const measured = await measurer(model!, combination.head, [split.test])(this.#metric); // prettier-ignore
    const baseline = await baselineScore(this.#metric, [split.train, split.validation], split.test);
    this.#done = this.#total;
    this.#report('test', winner);
    const score = measured?.[0] ?? baseline;
    return { test: { score, baseline, rows: split.test.rows }, model: model!, preprocessing: split.preprocessing };
  }

  // ── runs ──
  async #trial(
    phase: 'search' | 'final',
    entry: Entry,
    lr: number,
    round: Round,
    deadline: number,
  ): Promise<TrialResult> {
    this.#options.signal?.throwIfAborted();
    const parts = this.#prepared.parts(round, entry.combination.head);
    const result = await runTrial(entry.combination, lr, parts, this.#conditions(round, deadline));
    this.#done += 1;
    this.#report(phase, entry);
    return result;
  }
  #report(phase: 'search' | 'final' | 'test', { combination }: Entry): void {
    const { lossName: loss, optimizer } = combination;
    const total = Math.max(this.#total, this.#done);
    this.#options.onProgress?.({ phase, done: this.#done, total, loss, optimizer: optimizer.optimizerName });
  }
  async #inTime<T>(body: () => Promise<T>): Promise<T | undefined> {
    try {
      return await body();
    } catch (error) {
      if (error instanceof OutOfTime) return undefined;
      throw error;
    }
  }
}

/** The mean score on validation rows; NaN if any run diverged. */
function searchScore(runs: readonly TrialResult[]): number {
  return mean(runs.map((r) => r.searchScore));
}

function distance(lr: number, from: number): number {
  return Math.abs(Math.log(lr / from));
}

function defaultLrOf(optimizer: AnyOptimizer): number {
  const field = (optimizer.schema.fields as Record<string, { default: unknown } | undefined>)['lr'];
  if (typeof field?.default !== 'number' || !(field.default > 0))
    throw new KindlingError(
      `compare: ${optimizer.optimizerName} has no default learning rate to start from; give optimizerOptions: { ${optimizer.optimizerName}: { lr } }`,
    );
  return field.default;
}

function requireOptions(o: CompareOptions): void {
  const whole = (name: string, value: number | undefined, least: number): void => {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least))
      throw new KindlingError(`compare: ${name} must be a whole number of at least ${least}, got ${value}`);
  };
  if (o.losses.length === 0 || o.optimizers.length === 0)
    throw new KindlingError('compare: give at least one loss and one optimizer');
  requireDistinct('loss', o.losses.map((l: AnyLoss) => l.lossName)); // prettier-ignore
  requireDistinct('optimizer', o.optimizers.map((p) => p.optimizerName)); // prettier-ignore
  whole('maxSteps', o.maxSteps, 1);
  whole('measurements', o.measurements, 1);
  whole('patience', o.patience, 1);
  whole('batchSize', o.batchSize, 1);
  if (o.folds !== undefined && o.folds !== 0) whole('folds', o.folds, 2);
  if (o.seeds?.length === 0) throw new KindlingError('compare: seeds must hold at least one');
  for (const seed of o.seeds ?? []) whole('a seed', seed, 0);
  if (typeof o.lr === 'object' && (o.lr.length === 0 || !o.lr.every((x) => x > 0 && x < Infinity)))
    throw new KindlingError(`compare: lr must be 'search', 'default' or positive numbers, got [${o.lr.join(', ')}]`);
  if (o.timeLimit !== undefined && !(o.timeLimit > 0))
    throw new KindlingError(`compare: timeLimit must be a positive number of seconds, got ${String(o.timeLimit)}`);
}

function requireDistinct(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new KindlingError(`compare: the ${what} '${twice}' is given twice`);
}
