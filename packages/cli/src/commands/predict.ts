import { withBackend } from '../choices/withBackend.js';
import { openPipeline } from '../files/openPipeline.js';
import { readInput } from '../files/readInput.js';
import { flag } from '../settings/setting.js';
import { shared } from '../settings/shared.js';
import { csvCell } from '../files/csvCell.js';
import { defineCommand } from './command.js';

/** Rows at a time: a large file neither fills the memory nor goes row by row. */
const CHUNK = 8192;

export const predictCommand = defineCommand({
  name: 'predict',
  summary: 'Predict the target of new rows.',
  arguments: '<model> [rows.csv]',
  argumentHelp: { model: 'a folder that train wrote', 'rows.csv': 'a table; - or nothing reads standard input' },
  settings: {
    proba: flag('proba', { description: 'also the probability of every class' }),
    delimiter: shared.delimiter,
    backend: shared.backend,
  },
  plugins: ['backend'],
  examples: ['predict model new.csv', 'predict model new.csv --proba > predictions.csv', 'cat new.csv | kindling predict model'], // prettier-ignore
  notes: ['Writes CSV with one line for each row, in order: the column prediction, and with --proba one for each class.'], // prettier-ignore
  run: async (context, request) => {
    const { terminal } = context;
    const [model, path = '-'] = request.arguments as [string, string?];
    const { proba = false, delimiter, backend } = request.values;
    const { parseRows } = await import('@kindling/data');
    await withBackend(context, backend, request.options, async () => {
      const pipeline = await openPipeline(context, model); // before standard input is waited for
      const { name, bytes } = await readInput(context, path);
      const { rows, columns } = await parseRows(bytes, { name, delimiter });
      pipeline.preprocessing.checkColumns(columns);
      const { classes } = pipeline;
      const withProbabilities = proba && classes.length > 0;
      if (proba && classes.length === 0) terminal.warn('--proba has no meaning for regression');
      const all: Awaited<ReturnType<typeof pipeline.predict>> = [];
      // nothing is written until every row is known to be fine
      for (let at = 0; at < rows.length; at += CHUNK) all.push(...(await pipeline.predict(rows.slice(at, at + CHUNK))));
      if (terminal.json) {
        const predictions = all.map(({ prediction, probabilities }) => ({ prediction, ...(withProbabilities ? { probabilities } : {}) })); // prettier-ignore
        terminal.object({ command: 'predict', task: pipeline.task, target: pipeline.preprocessing.target.name, rows: all.length, predictions }); // prettier-ignore
        return;
      }
      const lines = [['prediction', ...(withProbabilities ? classes.map((c) => `probability_${c}`) : [])].map(csvCell).join(',')]; // prettier-ignore
      for (const { prediction, probabilities } of all)
        lines.push([prediction, ...(withProbabilities ? classes.map((c) => probabilities![c]) : [])].map(csvCell).join(',')); // prettier-ignore
      terminal.stdout.write(`${lines.join('\n')}\n`);
    });
  },
});
