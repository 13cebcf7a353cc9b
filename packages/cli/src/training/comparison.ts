import type { Table } from '@kindling/data';
import type { Comparison, Ranked } from '@kindling/train';
import { brief, duration, plural, shown } from '../console/numbers.js';
import { table as grid } from '../console/table.js';
import type { Terminal } from '../console/terminal.js';

/** The object of `--json`: all of the comparison but the model itself. */
export function jsonOfComparison(table: Table, c: Comparison): Record<string, unknown> {
  const { winner, ...rest } = c;
  const { loss, optimizer, lr } = winner;
  return {
    command: 'compare',
    task: table.task,
    target: table.target.name,
    rows: table.rows,
    ...rest,
    winner: { loss, optimizer, lr },
  };
}

/** The ranking for people. */
export function describeComparison(
  terminal: Terminal,
  c: Comparison,
  kept: { report?: string; model?: string },
  hint: boolean,
  /** Flags that make an optimizer steadier, by its name. */
  steadier: (optimizer: string) => string | undefined,
): void {
  const { bold, dim, yellow } = terminal.colors;
  const { budget, test, winner } = c;
  terminal.say(`${bold('Ranking')} ${dim(`by ${c.metric} (${c.higherIsBetter ? 'more' : 'less'} is better); ${budgetText(c)}`)}`); // prettier-ignore
  terminal.say(rankingGrid(c, dim));
  terminal.say(dim(`  baseline (${baselineText[c.baselineKind]}): ${shown(c.baseline)}`));
  const tied = c.ranking.filter((r) => r.tiedWithBest).length;
  const unknown = tiesUnknown(c);
  if (unknown !== undefined) terminal.say(dim(`  ${unknown}`));
  if (tied > 1) terminal.say(dim(`  = the difference to the first may be chance (${tied} of ${c.ranking.length})`));
  const lost = c.ranking.filter((r) => r.diverged > 0);
  for (const r of lost) {
    const flags = steadier(r.optimizer);
    terminal.note(
      `${yellow('note:')} ${r.loss} with ${r.optimizer} diverged in ${r.diverged} of ${plural(budget.runs, 'run')}, which count as the baseline` +
        (flags === undefined ? '' : `; ${r.optimizer} is steadier with ${flags}`),
    );
  }
  for (const { loss, reason } of c.skipped) terminal.note(`${yellow('note:')} ${loss} was left out: ${reason}`);
  if (c.cut !== undefined) terminal.note(`${yellow('note:')} ${c.cut}`);
  terminal.say(
    `\n${bold('Winner')} ${winner.loss} with ${winner.optimizer}, lr ${brief(winner.lr)}: ${c.metric} ${shown(test.score)} on ${plural(test.rows, 'test row')} (baseline ${shown(test.baseline)})`,
  );
  terminal.say(dim(`It took ${duration(c.seconds)}.`));
  if (kept.model !== undefined) terminal.say(`Model   ${kept.model}`);
  if (kept.report !== undefined) terminal.say(`Report  ${kept.report}`);
  else if (hint) terminal.note(dim('hint: --report report.html draws intervals, learning-rate sensitivity and curves'));
}

/** What a ranking by one run each cannot tell, and how more runs are to be had. */
export function tiesUnknown({ ranking, budget, cut }: Comparison): string | undefined {
  if (budget.runs > 1 || ranking.length < 2) return undefined;
  const more = cut === undefined ? '--seeds 3 makes three' : 'a longer --time-limit leaves more of them';
  return `one run each does not tell whether the differences are chance; ${more}`;
}

export const baselineText = { majority: 'always the most frequent class', mean: 'always the mean' } as const;

export function budgetText({ budget }: Comparison): string {
  const { steps, runs, folds, batchSize } = budget;
  return `each: ${plural(runs, 'run')} of ${steps} steps with batches of ${batchSize}${folds > 1 ? `, ${folds} folds` : ''}`;
}

/** The ranking as a table. */
function rankingGrid(c: Comparison, dim: (s: string) => string): string {
  const right = 'right' as const;
  return grid(
    [{ title: '' }, { title: 'loss' }, { title: 'optimizer' }, { title: 'lr', align: right }, { title: c.metric, align: right }, { title: '95 % interval' }, { title: 'default lr', align: right }, { title: 's/run', align: right }], // prettier-ignore
    c.ranking.map((r, i) => [
      `${i + 1}${i > 0 && r.tiedWithBest === true ? ' =' : ''}`,
      r.loss,
      r.optimizer,
      brief(r.lr),
      shown(r.mean),
      intervalText(r),
      defaultText(r),
      r.seconds.toFixed(2),
    ]),
    dim,
  );
}

/** One run alone has no interval. */
function intervalText({ interval: [low, high] }: Ranked): string {
  return Number.isFinite(low) && Number.isFinite(high) ? `${shown(low)} … ${shown(high)}` : '–';
}

/** What the default learning rate would have got. */
export function defaultText(r: Ranked): string {
  return r.lr === r.defaultLr ? 'the same' : shown(r.defaultScore);
}
