import { withBackend } from '../choices/withBackend.js';
import { atLine } from '../files/atLine.js';
import { openPipeline } from '../files/openPipeline.js';
import { readInput } from '../files/readInput.js';
import { csvCell } from '../files/csvCell.js';

/** Rows at a time: a large file neither fills the memory nor goes row by row. */
const CHUNK = 8192;
import type { PredictRequest } from '../commands/predict.js';
import type { Context } from '../context.js';

/** Predicts the rows of a table and writes them as CSV or JSON. */
export async function runPredict(context: Context, request: PredictRequest): Promise<void> {
  const { terminal } = context;
  const [model, path = '-'] = request.arguments as [string, string?];
  const { proba = false, delimiter, decimal, backend } = request.values;
  const { parseRows } = await import('@kindling/data');
  await withBackend(context, backend, request.options, async () => {
    const pipeline = await openPipeline(context, model); // before standard input is waited for
    const { name, bytes } = await readInput(context, path);
    const { rows, columns, lines: at } = await parseRows(bytes, { name, delimiter, decimal });
    pipeline.preprocessing.checkColumns(columns);
    const { classes } = pipeline;
    const withProbabilities = proba && classes.length > 0;
    if (proba && classes.length === 0) terminal.warn('--proba has no meaning for regression');
    const all: Awaited<ReturnType<typeof pipeline.predict>> = [];
    // nothing is written until every row is known to be fine
    for (let first = 0; first < rows.length; first += CHUNK) {
      const some = pipeline.predict(rows.slice(first, first + CHUNK));
      all.push(...(await some.catch((error: unknown) => { throw atLine(error, name, at, first); }))); // prettier-ignore
    }
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
}
