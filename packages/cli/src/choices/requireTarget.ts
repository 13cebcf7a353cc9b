import { KindlingError } from '@kindling/core';
import type { ReadOptions } from '@kindling/data';
import type { Context } from '../context.js';
import { readInput } from '../files/readInput.js';

/** The target, or an error that lists the columns there are. */
export async function requireTarget(
  context: Context,
  command: string,
  path: string,
  target: string | undefined,
  delimiter: ReadOptions['delimiter'],
): Promise<string> {
  if (target !== undefined) return target;
  let columns = '';
  if (path !== '-') {
    const { name, bytes } = await readInput(context, path);
    const { parseRows } = await import('@kindling/data');
    const table = await parseRows(bytes, { name, delimiter });
    columns = `; the columns are ${table.columns.slice(0, 30).join(', ')}${table.columns.length > 30 ? ', …' : ''}`;
  }
  throw new KindlingError(`'kindling ${command}' needs --target <column>, the column to predict${columns}`);
}
