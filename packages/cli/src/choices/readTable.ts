import { createHash } from 'node:crypto';
import type { DataTask, ReadOptions, Table } from '@kindling/data';
import type { Context } from '../context.js';
import { readInput } from '../files/readInput.js';
import { inFlags, withFlags } from './inFlags.js';

export interface TableRequest {
  readonly path: string;
  readonly target: string;
  readonly task: DataTask | undefined;
  readonly drop: readonly string[] | undefined;
  readonly delimiter: ReadOptions['delimiter'];
  readonly decimal: ReadOptions['decimal'];
  readonly dropMissingTarget?: boolean | undefined;
}

export interface ReadTable {
  readonly table: Table;
  /** The SHA-256 of the file: a run that goes on must go on with the same rows. */
  readonly fingerprint: string;
}

/** Reads the table of `train` and `compare`, and says what its owner should know. */
export async function readTable(context: Context, request: TableRequest): Promise<ReadTable> {
  const { path, target, task, drop, delimiter, decimal, dropMissingTarget } = request;
  const { name, bytes } = await readInput(context, path);
  const { parseCsv } = await import('@kindling/data');
  const options = { name, target, task, drop, delimiter, decimal, dropMissingTarget };
  const table = await parseCsv(bytes, options).catch((error: Error) => {
    throw withFlags(error);
  });
  for (const warning of table.warnings) context.terminal.warn(inFlags(warning));
  return { table, fingerprint: createHash('sha256').update(bytes).digest('hex') };
}
