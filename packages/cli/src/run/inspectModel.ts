import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { plural, shown } from '../console/numbers.js';
import { taskText } from '../console/taskText.js';
import { printable, table as grid } from '../console/table.js';
import type { Context } from '../context.js';
import { withBackend, usualBackend } from '../choices/withBackend.js';
import { openPipeline } from '../files/openPipeline.js';

interface Layer {
  readonly type: string;
  readonly [option: string]: unknown;
}

/** Says what a model folder holds. The model is loaded, so a damaged one is found out. */
export async function inspectModel(context: Context, path: string): Promise<void> {
  const { terminal } = context;
  await withBackend(context, usualBackend, [], async () => {
    const { file, model, preprocessing, task, classes, output } = await openPipeline(context, path);
    const parameters = model.parameters().reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
    const layers = layersOf(file.architecture);
    const info = (file.info ?? {}) as { command?: unknown; data?: { file?: unknown }; rows?: unknown };
    if (terminal.json) {
      const bytes = (await readFile(resolve(context.cwd, path, 'model.safetensors'))).length;
      terminal.object({ command: 'inspect', kind: 'model', task, target: preprocessing.target.name, classes, output, loss: file.loss, architecture: file.architecture, parameters, bytes, inputs: preprocessing.width, columns: preprocessing.columns, metrics: file.metrics, info: file.info, kindling: file.kindling }); // prettier-ignore
      return;
    }
    const { bold, dim } = terminal.colors;
    const { target } = preprocessing;
    terminal.say(bold(`${printable(path)}: ${taskText(task)} of '${printable(target.name)}'${classes.length > 0 ? `, ${classes.length} classes (${classes.slice(0, 8).map(printable).join(', ')}${classes.length > 8 ? ', …' : ''})` : ''}`)); // prettier-ignore
    terminal.say(`  trained with ${file.loss === null ? 'a loss of its own' : printable(file.loss.name)}; outputs are ${output}; written by kindling ${printable(file.kindling)}`); // prettier-ignore
    if (typeof info.command === 'string') terminal.say(`  ${dim(printable(info.command))}`);
    terminal.say(`\n${bold('Architecture')} ${dim(plural(parameters, 'parameter'))}`);
    terminal.say(layers.length === 0 ? '  a class of its own' : grid([{ title: '#' }, { title: 'layer' }, { title: 'options' }], layers.map(({ type, ...options }, i) => [String(i), type, Object.entries(options).map(([k, v]) => `${k} ${JSON.stringify(v)}`).join(', ')]), dim)); // prettier-ignore
    terminal.say(`\n${bold('Preprocessing')} ${dim(`${plural(preprocessing.columns.length, 'column')} ${preprocessing.columns.length === 1 ? 'becomes' : 'become'} ${plural(preprocessing.width, 'input')}`)}`); // prettier-ignore
    const features = preprocessing.toJSON().features;
    terminal.say(
      grid(
        [{ title: 'column' }, { title: 'kind' }, { title: 'inputs', align: 'right' }, { title: 'how' }],
        features.map((f, i) => [
          f.name,
          f.kind,
          String(preprocessing.columns[i].width),
          f.kind === 'numeric'
            ? `(x − ${shown(f.mean)}) / ${shown(f.std)}, missing: ${shown(f.fill)}${f.missing ? ' and a flag' : ''}`
            : `one of ${f.categories.slice(0, 6).join(', ')}${f.categories.length > 6 ? ', …' : ''}${f.missing ? ', missing' : ''}`,
        ]),
        dim,
      ),
    );
    if (Object.keys(file.metrics).length > 0) {
      terminal.say(`\n${bold('Scores when it was trained')}`);
      terminal.say(grid([{ title: 'metric' }, { title: 'value', align: 'right' }], Object.entries(file.metrics).map(([n, v]) => [n, shown(v)]), dim)); // prettier-ignore
    }
  });
}

function layersOf(architecture: Layer | null): Layer[] {
  if (architecture === null) return [];
  if (architecture.type !== 'sequential') return [architecture];
  return (architecture['layers'] as Layer[]).flatMap(layersOf);
}
