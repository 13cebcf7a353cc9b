import type { Table } from '@kindling/data';
import type { Comparison } from '@kindling/train';
import { brief, duration, plural, shown } from '../console/numbers.js';
import type { Context } from '../context.js';
import { baselineText, budgetText, defaultText, tiesUnknown } from '../training/comparison.js';
import { curves, interval, type Series, span } from './charts.js';
import { html, type Markup } from './markup.js';
import { page } from './page.js';
import { commandSection, dataSection, packagesSection, settingsSection } from './sections.js';

export interface ComparisonPage {
  readonly context: Context;
  readonly table: Table;
  /** The data's name, as given. */
  readonly data: string;
  readonly comparison: Comparison;
  readonly command: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** More lines than this in one chart are a tangle. */
const mostLines = 8;

export async function comparisonReport(o: ComparisonPage): Promise<string> {
  return page(`Comparison on ${o.table.target.name}`, html`${comparisonBody(o)}${commandSection(o.command)}${packagesSection(o.context)}`); // prettier-ignore
}

/** One page of several comparisons. */
export async function comparisonsPage(title: string, all: readonly ComparisonPage[]): Promise<string> {
  const parts = all.map((one, i) => html`<section>${comparisonBody(one, `c${i}`)}${commandSection(one.command)}</section>`); // prettier-ignore
  return page(title, html`${parts}${all[0] !== undefined && packagesSection(all[0].context)}`);
}

/** The part of the page about one comparison, so that a page can hold several. */
function comparisonBody({ table, data, comparison: c, settings }: ComparisonPage, id = 'c'): Markup {
  const { winner, test } = c;
  return html`
    <h1>${table.target.name}: ${plural(c.ranking.length, 'combination')} of loss and optimizer</h1>
    <p class="soft">${table.task} on ${data}; ${budgetText(c)}; ${duration(c.seconds)} in all</p>
    <div class="scores">
      <div class="score main"><span class="soft">${c.metric} of the winner on ${plural(test.rows, 'test row')}</span><b>${shown(test.score)}</b></div>
      <div class="score"><span class="soft">baseline there: ${baselineText[c.baselineKind]}</span><b>${shown(test.baseline)}</b></div>
      <div class="score"><span class="soft">the winner</span><b>${winner.loss} + ${winner.optimizer}</b></div>
    </div>
    ${c.cut !== undefined && html`<p><b>Cut by the time limit:</b> ${c.cut}</p>`}
    <h2>Ranking</h2>
    <p>By ${c.metric} (${c.higherIsBetter ? 'more' : 'less'} is better): the mean over the final runs and its 95 % interval. All combinations had the same splits, initial weights, batches and steps. The baseline, ${baselineText[c.baselineKind]}, is at ${shown(c.baseline)}; a line marks it where it is near.</p>
    ${ranking(c)}
    ${c.skipped.length > 0 && html`<p class="soft">Left out: ${c.skipped.map(({ loss, reason }) => `${loss} (${reason})`).join('; ')}.</p>`}
    ${sensitivity(c, id)}
    ${learning(c, id)}
    ${dataSection(table)}
    ${settingsSection(Object.fromEntries(Object.entries(settings).filter(([name]) => !['report', 'out', 'force'].includes(name))))}
  `; // prettier-ignore
}

function ranking(c: Comparison): Markup {
  const own = span(c.ranking.flatMap((r) => [...r.interval, r.mean]));
  // a baseline far away would leave no room for the differences
  const near = Math.abs(c.baseline - own[0]) < own[1] - own[0] || Math.abs(c.baseline - own[1]) < own[1] - own[0];
  const range = near ? span([...own, c.baseline]) : own;
  const rows = c.ranking.map((r, i) => html`<tr>
    <td class="n">${i + 1}</td><td class="name">${r.loss}</td><td class="name">${r.optimizer}</td><td class="n">${shown(r.mean)}</td>
    <td style="width:22%">${interval(r.mean, r.interval, range, c.baseline)}</td>
    <td>${r.tiedWithBest && html`<span class="tie">${i === 0 ? 'best' : 'tied'}</span>`}</td>
    <td class="n">${brief(r.lr)}</td><td class="n">${defaultText(r)}</td><td class="n">${r.diverged === 0 ? '–' : r.diverged}</td><td class="n">${r.seconds.toFixed(2)}</td></tr>`); // prettier-ignore
  return html`<div class="panel"><table>
    <tr><th class="n"></th><th>loss</th><th>optimizer</th><th class="n">${c.metric}</th><th>95 % interval</th><th></th><th class="n">lr</th><th class="n">with default lr</th><th class="n">diverged</th><th class="n">s/run</th></tr>
    ${rows}</table></div>
    <p class="soft">${tiesUnknown(c) ?? '“tied”: the paired differences to the best leave open which is better'}.</p>`; // prettier-ignore
}

function sensitivity(c: Comparison, id: string): Markup | undefined {
  const shownRuns = c.ranking.filter((r) => r.sensitivity.length > 1).slice(0, mostLines);
  if (shownRuns.length === 0) return undefined;
  const x = [...new Set(shownRuns.flatMap((r) => r.sensitivity.map((s) => s.lr)))].sort((a, b) => a - b);
  const series = shownRuns.map((r): Series => {
    const byRate = new Map(r.sensitivity.map((s) => [s.lr, s.score]));
    return { name: `${r.loss}, ${r.optimizer}`, y: x.map((lr) => byRate.get(lr)) };
  });
  return html`<h2>How much the learning rate matters</h2>
    <p>The score on the validation rows of the search, for the rates that were tried; a missing point diverged.</p>
    ${curves({ id: `${id}-lr`, title: `${c.metric} by learning rate${c.ranking.length > shownRuns.length ? `, the best ${shownRuns.length}` : ''}`, xLabel: 'learning rate', x, series, logX: true, points: true })}`; // prettier-ignore
}

function learning(c: Comparison, id: string): Markup | undefined {
  const best = c.ranking.filter((r) => r.curve.length > 1).slice(0, 5);
  if (best.length === 0) return undefined;
  const x = [...new Set(best.flatMap((r) => r.curve.map((p) => p.step)))].sort((a, b) => a - b);
  const series = best.map((r): Series => {
    const byStep = new Map(r.curve.map((p) => [p.step, p.score]));
    return { name: `${r.loss}, ${r.optimizer}`, y: x.map((step) => byStep.get(step)) };
  });
  return html`<h2>How fast the best learn</h2>
    ${curves({ id: `${id}-curves`, title: `${c.metric} on validation rows, first final run`, xLabel: 'step', x, series })}`; // prettier-ignore
}
