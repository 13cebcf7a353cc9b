import { KindlingError } from '@kindling/core';
import type { Dataset } from '@kindling/data';
import { confusionMatrix } from '@kindling/metrics';
import { chooseMetrics, metricOf } from '../choices/chooseMetric.js';
import { withBackend } from '../choices/withBackend.js';
import { plural, shown } from '../console/numbers.js';
import { printable, table as grid } from '../console/table.js';
import { type ValueTable, valueTables } from '../console/valueTables.js';
import { atLine } from '../files/atLine.js';
import { openPipeline } from '../files/openPipeline.js';
import { readInput } from '../files/readInput.js';
import { score } from '../training/score.js';
import type { EvaluateRequest } from '../commands/evaluate.js';
import type { Context } from '../context.js';

/** Measures a model on a table. */
export async function runEvaluate(context: Context, request: EvaluateRequest): Promise<void> {
  const { terminal } = context;
  const [model, path] = request.arguments as [string, string];
  const { delimiter, decimal, backend } = request.values;
  const { parseRows } = await import('@kindling/data');
  await withBackend(context, backend, request.options, async () => {
    const pipeline = await openPipeline(context, model); // before standard input is waited for
    const { name, bytes } = await readInput(context, path);
    const { task, classes, preprocessing, output } = pipeline;
    const chosen = chooseMetrics(context.registry, task, request.values, request.options).map((m) =>
      metricOf(context.registry, m),
    );
    const { rows, columns, lines } = await parseRows(bytes, { name, delimiter, decimal });
    preprocessing.checkColumns(columns);
    if (!columns.includes(preprocessing.target.name))
      throw new KindlingError(
        `${name} has no column '${preprocessing.target.name}', the target; to predict it, use: kindling predict`,
      );
    let data: Dataset;
    try {
      data = preprocessing.dataset(rows, { dropMissingTarget: true });
    } catch (error) {
      throw atLine(error, name, lines);
    }
    if (data.rows < rows.length) terminal.warn(`the target is missing in ${plural(rows.length - data.rows, 'row')}: left out`); // prettier-ignore
    if (data.rows === 0) throw new KindlingError(`${name} has no row with a target`);
    const { metrics, others, outcomes } = await score(pipeline.model, data, output, chosen);
    const matrix = task === 'regression' ? undefined : confusionMatrix({ from: 'classes', classes: classes.length }).measure(outcomes.predicted, outcomes.actual); // prettier-ignore
    if (terminal.json) {
      const confusion = matrix === undefined ? {} : { classes, confusion: matrix };
      terminal.object({ command: 'evaluate', task, target: preprocessing.target.name, rows: data.rows, ...metrics, ...others, ...confusion }); // prettier-ignore
      return;
    }
    const { bold, dim } = terminal.colors;
    terminal.say(bold(`${preprocessing.target.name}: ${plural(data.rows, 'row')} of ${printable(name)}`));
    if (Object.keys(metrics).length > 0)
      terminal.say(grid([{ title: 'metric' }, { title: 'value', align: 'right' }], Object.entries(metrics).map(([n, v]) => [n, shown(v)]), dim)); // prettier-ignore
    const show = (tables: readonly ValueTable[], what = ''): void => {
      for (const { title, columns, rows, note } of tables) {
        terminal.say(`\n${bold(printable(title))}${what === '' ? '' : ` ${dim(what)}`}`);
        terminal.say(grid(columns, rows, dim));
        if (note !== undefined) terminal.say(dim(`  ${note}`));
      }
    };
    for (const [name, value] of Object.entries(others)) {
      const tables = valueTables(name, value, classes);
      if (tables === undefined) terminal.say(`\n${bold(name)} ${JSON.stringify(value)}`);
      else show(tables);
    }
    if (matrix !== undefined && classes.length <= 20 && others['confusionMatrix'] === undefined)
      show(valueTables('Confusion', matrix, classes)!, 'rows are true, columns are predicted');
  });
}
