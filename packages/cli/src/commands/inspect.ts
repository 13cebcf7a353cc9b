import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ColumnSummary, Table } from '@kindling/data';
import { KindlingError } from '@kindling/core';
import { plural, shown } from '../console/numbers.js';
import { printable, table as grid } from '../console/table.js';
import type { Context } from '../context.js';
import { readInput } from '../files/readInput.js';
import { inspectModel } from '../files/inspectModel.js';
import { shared } from '../settings/shared.js';
import { defineCommand } from './command.js';

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Show what is in a table or in a model.',
  arguments: '<table-or-model>',
  argumentHelp: { 'table-or-model': 'a table with a header, or a folder that train wrote' },
  settings: { target: shared.target, drop: shared.drop, delimiter: shared.delimiter },
  plugins: [],
  examples: ['inspect data/penguins.csv', 'inspect data/penguins.csv --target species', 'inspect model'],
  run: async (context, request) => {
    const [path] = request.arguments as [string];
    const folder = path !== '-' && (await stat(resolve(context.cwd, path)).then((s) => s.isDirectory(), () => false)); // prettier-ignore
    if (folder) {
      await inspectModel(context, path);
      return;
    }
    await inspectTable(context, path, request.values);
  },
});

interface Looked {
  readonly columns: readonly ColumnSummary[];
  readonly table: Table;
}

async function inspectTable(
  context: Context,
  path: string,
  { target, drop, delimiter }: { target?: string | undefined; drop?: readonly string[] | undefined; delimiter?: ',' | ';' | '\t' | '|' | undefined }, // prettier-ignore
): Promise<void> {
  const { terminal } = context;
  const { name, bytes } = await readInput(context, path);
  const { parseCsv, parseRows } = await import('@kindling/data');
  const all = (await parseRows(bytes, { name, delimiter })).columns;
  const guessed = target ?? all.filter((column) => drop?.includes(column) !== true).at(-1);
  if (guessed === undefined) throw new KindlingError(`${name}: every column is dropped`);
  const read = (column: string): Promise<Table> => parseCsv(bytes, { name, target: column, drop, delimiter, ...(target === undefined ? { dropMissingTarget: true } : {}) }); // prettier-ignore
  const { columns, table } = target === undefined ? await withoutTarget(all, guessed, read) : await withTarget(target, read); // prettier-ignore
  const order = [...columns].sort((a, b) => all.indexOf(a.name) - all.indexOf(b.name));
  const { task, classes } = table;
  if (terminal.json) {
    const answer = { task, target: table.target.name, ...(classes.length > 0 ? { classes } : {}) };
    terminal.object({ command: 'inspect', kind: 'table', rows: table.rows, columns: order, ...(target === undefined ? { suggestion: answer } : answer), warnings: table.warnings }); // prettier-ignore
    return;
  }
  const { bold, dim } = terminal.colors;
  terminal.say(bold(`${printable(name)}: ${plural(table.rows, 'row')}, ${plural(order.length, 'column')}`));
  terminal.say(
    grid(
      [{ title: 'column' }, { title: 'kind' }, { title: 'missing', align: 'right' }, { title: 'distinct', align: 'right' }, { title: 'least … mean … greatest, or the most frequent' }], // prettier-ignore
      order.map((c) => [
        `${c.name}${c.role === 'target' && target !== undefined ? ' (target)' : ''}`,
        c.kind ?? 'left out',
        c.role === 'dropped' ? '–' : String(c.missing),
        c.role === 'dropped' ? '–' : String(c.distinct),
        facts(c),
      ]),
      dim,
    ),
  );
  for (const warning of table.warnings) terminal.warn(warning);
  const classText = classes.length > 0 ? ` of ${classes.length} classes (${classes.slice(0, 8).map(printable).join(', ')}${classes.length > 8 ? ', …' : ''})` : ''; // prettier-ignore
  terminal.say(`\n${target === undefined ? `With '${printable(guessed)}' as the target, this` : 'This'} is ${task}${classText}.`); // prettier-ignore
  terminal.say(dim(`Next    kindling train ${printable(path)} --target ${printable(guessed)}`));
}

function facts(c: ColumnSummary): string {
  if (c.reason !== undefined) return c.reason;
  if (c.top !== undefined) return c.top.map(({ value, count }) => `${value} (${count})`).join(', ');
  return c.mean === undefined ? '' : `${shown(c.min!)} … ${shown(c.mean)} … ${shown(c.max!)}`;
}

async function withTarget(target: string, read: (column: string) => Promise<Table>): Promise<Looked> {
  const table = await read(target);
  return { table, columns: table.describe() };
}

/** Without a target the last column is tried, then the others: one that could be a target shows the rest. */
async function withoutTarget(
  all: readonly string[],
  guessed: string,
  read: (column: string) => Promise<Table>,
): Promise<Looked> {
  // prettier-ignore
  let first: unknown;
  for (const column of [guessed, ...[...all].reverse().filter((c) => c !== guessed)]) {
    try {
      return await withTarget(column, read);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}
