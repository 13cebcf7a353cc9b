import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { shared } from '../settings/shared.js';
import { defineCommand } from './command.js';

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Show what is in a table or in a model.',
  arguments: '<table-or-model>',
  argumentHelp: { 'table-or-model': 'a table with a header, or a folder that train wrote' },
  settings: { target: shared.target, drop: shared.drop, delimiter: shared.delimiter, decimal: shared.decimal },
  plugins: [],
  examples: ['inspect data/penguins.csv', 'inspect data/penguins.csv --target species', 'inspect model'],
  run: async (context, request) => {
    const [path] = request.arguments as [string];
    const folder = path !== '-' && (await stat(resolve(context.cwd, path)).then((s) => s.isDirectory(), () => false)); // prettier-ignore
    if (folder) {
      const { inspectModel } = await import('../run/inspectModel.js');
      await inspectModel(context, path);
      return;
    }
    const { inspectTable } = await import('../run/inspectTable.js');
    await inspectTable(context, path, request.values);
  },
});
