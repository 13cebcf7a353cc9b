import { readFile } from 'node:fs/promises';
import { KindlingError } from '@kindling/core';
import { parseCsv, type CsvOptions } from './csv.js';
import { parseRows, type ReadOptions, type RowTable } from './rows.js';
import type { Table } from './table.js';

/** `parseCsv` for a file; messages name its path. */
export async function readCsv(path: string, options: CsvOptions): Promise<Table> {
  return parseCsv(await read(path), { name: path, ...options });
}

/** `parseRows` for a file; messages name its path. */
export async function readCsvRows(path: string, options: ReadOptions = {}): Promise<RowTable> {
  return parseRows(await read(path), { name: path, ...options });
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'it is a folder'
          : code === 'EACCES'
            ? 'it may not be read'
            : message;
    throw new KindlingError(`Cannot read ${path}: ${reason}.`, { cause: error });
  }
}
