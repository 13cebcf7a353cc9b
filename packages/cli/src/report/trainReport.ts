import { confusionMatrix } from '@kindling/metrics';
import { duration, plural, shown } from '../console/numbers.js';
import { heldOutText, type TrainOutcome } from '../training/outcome.js';
import { bars, confusion, curves, scatter, type Series } from './charts.js';
import { html, type Markup } from './markup.js';
import { page } from './page.js';
import { commandSection, dataSection, packagesSection, settingsSection } from './sections.js';

/** The report of a training run: one file that shows how it went and how to do it again. */
export async function reportOf(o: TrainOutcome): Promise<string> {
  const { table, plan, result, split } = o;
  const title = `${table.target.name}: ${plan.loss.name} with ${plan.optimizer.name}`;
  const body = html`
    <h1>${title}</h1>
    <p class="soft">${table.task} on ${o.data}; ${plural(split.train.rows, 'row')} for training, ${split.validation.rows} for validation, ${split.test.rows} for the test;
      ${plural(o.parameters, 'parameter')}; ${plural(result.epochs.length, 'epoch')}, the best was ${result.best.epoch}; ${duration(o.seconds)}</p>
    <div class="scores">${Object.entries(o.metrics).map(([name, value], i) => html`<div class="score ${i === 0 && 'main'}"><span class="soft">${name}</span><b>${shown(value)}</b>${o.heldOut === 'folds' && html`<span class="soft">± ${shown(o.cross?.std[name] ?? 0, 2)}</span>`}</div>`)}</div>
    <p class="soft">Scores ${heldOutText[o.heldOut]}.</p>
    <h2>How training went</h2>
    <div class="grid">${training(o)}</div>
    <h2>Where it is right and wrong</h2>
    ${outcomes(o)}
    ${o.cross !== undefined && folds(o)}
    <h2>What it looks at</h2>
    ${importance(o)}
    ${dataSection(table)}
    ${settingsSection({ ...plan, lr: o.lr, task: table.task, metric: plan.metric.name, 'metric options': plan.metric.options, loss: plan.loss.name, 'loss options': plan.loss.options, optimizer: plan.optimizer.name, 'optimizer options': plan.optimizer.options })}
    ${commandSection(o.command, `The data has the SHA-256 ${o.fingerprint}.`)}
    ${packagesSection(o.context)}
  `; // prettier-ignore
  return page(title, body);
}

function training({ result, plan }: TrainOutcome): Markup[] {
  const { epochs, best } = result;
  const x = epochs.map((e) => e.epoch);
  const mark = epochs.length > 1 ? best.epoch : undefined;
  const losses: Series[] = [{ name: 'training', y: epochs.map((e) => e.loss) }];
  if (epochs.some((e) => e.validationLoss !== undefined)) losses.push({ name: 'validation', y: epochs.map((e) => e.validationLoss) }); // prettier-ignore
  const out = [curves({ id: 'losses', title: `Loss (${plan.loss.name}); the line marks the best epoch`, xLabel: 'epoch', x, series: losses, mark })]; // prettier-ignore
  const measured = [plan.metric.name].filter((name) => epochs.some((e) => e.metrics[name] !== undefined));
  if (measured.length > 0)
    out.push(curves({ id: 'metrics', title: `${measured.join(', ')} on the validation rows`, xLabel: 'epoch', x, series: measured.map((name) => ({ name, y: epochs.map((e) => e.metrics[name]), color: 2 })), mark })); // prettier-ignore
  return out;
}

function outcomes({ table, outcomes, heldOut }: TrainOutcome): Markup {
  const { predicted, actual } = outcomes;
  const note = heldOut === 'folds' && html`<p class="soft">Of the model that was kept, on its validation rows.</p>`;
  if (table.task !== 'regression')
    return html`${note}${confusion(table.classes, confusionMatrix({ from: 'classes', classes: table.classes.length }).measure(predicted, actual))}`;
  const residuals = predicted.map((p, i) => actual[i] - p);
  return html`${note}<div class="grid">
    ${scatter({ title: 'Predicted and actual', xLabel: 'predicted', yLabel: 'actual', x: predicted, y: actual, ideal: 'diagonal' })}
    ${scatter({ title: 'Residuals', xLabel: 'predicted', yLabel: 'actual − predicted', x: predicted, y: residuals, ideal: 'zero' })}
  </div>`; // prettier-ignore
}

function folds({ cross }: TrainOutcome): Markup {
  const { scores, mean, std } = cross!;
  const names = Object.keys(mean);
  return html`<h2>Cross-validation</h2><div class="panel"><table>
    <tr><th>fold</th>${names.map((n) => html`<th class="n">${n}</th>`)}</tr>
    ${scores.map((s, i) => html`<tr><td>${i + 1}</td>${names.map((n) => html`<td class="n">${shown(s[n] ?? NaN)}</td>`)}</tr>`)}
    <tr><td><b>mean ± standard deviation</b></td>${names.map((n) => html`<td class="n"><b>${shown(mean[n] ?? NaN)} ± ${shown(std[n] ?? 0, 2)}</b></td>`)}</tr>
  </table></div>`; // prettier-ignore
}

function importance({ importance, metrics, heldOut }: TrainOutcome): Markup {
  if (importance.length === 0) return html`<p>No column was measured.</p>`;
  const metric = Object.keys(metrics)[0] ?? 'the score';
  const most = importance.slice(0, 25);
  return html`
    <p>How much ${metric} falls when a column is shuffled, on the ${heldOut === 'folds' ? 'validation' : heldOut} rows; thin lines are the standard deviation over repeats. Columns that say the same share their importance.</p>
    ${bars(most.map(({ name, importance: value, std }) => ({ name, value, spread: std })), most.length < importance.length ? `The ${most.length} most important of ${importance.length} columns` : 'Permutation importance')}
  `; // prettier-ignore
}
