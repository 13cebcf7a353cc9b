import type { ColumnSummary, ReadOptions, RowTable } from '@kindling/data';
import { KindlingError } from '@kindling/core';
import { plural, shown } from '../console/numbers.js';
import { taskText } from '../console/taskText.js';
import { printable, table as grid } from '../console/table.js';
import type { Context } from '../context.js';
import { inFlags, withFlags } from '../choices/inFlags.js';
import { readInput } from '../files/readInput.js';
import { commandLine } from '../settings/commandLine.js';
import { decimalWords } from '../settings/shared.js';

/** Says what a table holds. */
export async function inspectTable(
  context: Context,
  path: string,
  { target, drop, ...reading }: ReadOptions & { target?: string | undefined; drop?: readonly string[] | undefined },
): Promise<void> {
  const { terminal } = context;
  const { name, bytes } = await readInput(context, path);
  const { parseCsv, parseRows } = await import('@kindling/data');
  const rows = await parseRows(bytes, { name, ...reading });
  const all = rows.columns;
  const guessed = target ?? all.filter((column) => drop?.includes(column) !== true).at(-1);
  if (guessed === undefined) throw new KindlingError(`${name}: every column is dropped`);
  const table = await parseCsv(bytes, { name, target: guessed, drop, ...reading }).catch((error: unknown) => {
    if (target !== undefined) throw error instanceof Error ? withFlags(error) : error;
    return undefined; // the last column is only a guess
  });
  const columns = target === undefined ? await describeAll(rows, name, drop) : table!.describe();
  const order = [...columns].sort((a, b) => all.indexOf(a.name) - all.indexOf(b.name));
  const count = target === undefined ? rows.rows.length : table!.rows;
  const warnings = table?.warnings ?? [];
  const answer = table === undefined ? undefined : { task: table.task, target: guessed, ...(table.classes.length > 0 ? { classes: table.classes } : {}) }; // prettier-ignore
  if (terminal.json) {
    terminal.object({ command: 'inspect', kind: 'table', rows: count, columns: order, ...(target === undefined ? { suggestion: answer ?? null } : answer), warnings }); // prettier-ignore
    return;
  }
  const { bold, dim } = terminal.colors;
  terminal.say(bold(`${printable(name)}: ${plural(count, 'row')}, ${plural(order.length, 'column')}`));
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
  for (const warning of warnings) terminal.warn(inFlags(warning));
  if (table === undefined) return;
  const { task, classes } = table;
  const classText = classes.length > 0 ? ` of ${classes.length} classes (${classes.slice(0, 8).map(printable).join(', ')}${classes.length > 8 ? ', …' : ''})` : ''; // prettier-ignore
  terminal.say(`\n${target === undefined ? `With '${printable(guessed)}' as the target, this` : 'This'} is ${taskText(task)}${classText}.`); // prettier-ignore
  terminal.say(
    dim(
      `Next    ${printable(commandLine(['kindling', 'train', path, '--target', guessed, ...decimalWords(reading.decimal)]))}`,
    ),
  );
}

function facts(c: ColumnSummary): string {
  if (c.reason !== undefined) return inFlags(c.reason);
  if (c.top !== undefined) return c.top.map(({ value, count }) => `${value} (${count})`).join(', ');
  return c.mean === undefined ? '' : `${shown(c.min!)} … ${shown(c.mean)} … ${shown(c.max!)}`;
}

/** Facts about all columns alike: a target that no file has leaves none of them out. */
async function describeAll(
  { rows }: RowTable,
  name: string,
  drop: readonly string[] | undefined,
): Promise<ColumnSummary[]> {
  const { tableFromRows } = await import('@kindling/data');
  if (rows.length === 0) throw new KindlingError(`${name} has a header but no rows`);
  const [odd, kept] = ['\u0000odd', '\u0000kept']; // a target, and a feature where all others are left out
  const twice = rows.length === 1 ? [rows[0], rows[0]] : rows;
  const described = tableFromRows(twice.map((row, i) => ({ ...row, [odd]: i % 2, [kept]: i })), { target: odd, name, drop }); // prettier-ignore
  return described.describe().filter((column) => column.name !== odd && column.name !== kept);
}
