import { KindlingError } from '@kindling/core';
import { parse } from 'csv-parse/browser/esm/sync';
import { DECIMAL_COMMA } from './cell.js';
import { detectDelimiter, type Delimiter } from './delimiter.js';
import { bytesOf, type Source } from './source.js';
import { utf8 } from './text.js';

/** How a text is cut into cells. */
export interface ReadOptions {
  /** What separates cells; found out where not given. */
  delimiter?: Delimiter | undefined;
  /** The decimal sign of numbers: with `','`, `1,5` is read as 1.5. Default `'.'`. */
  decimal?: '.' | ',' | undefined;
  /** What error messages call the file. Default `'The table'`. */
  name?: string | undefined;
}

/** Told of a text's header and of each row, top to bottom. Cells are trimmed; `line` is where the row starts. */
export interface RowReader {
  header(names: string[], delimiter: Delimiter): void;
  row(cells: string[], line: number): void;
}

const SAMPLE = 262_144;
/** Longer column names are taken for a file of another kind. */
const LONGEST_NAME = 1000;

/**
 * Reads a text with a header row by row, keeping none: quoted cells, CRLF, blank lines and a byte-order mark are
 * understood. Throws a KindlingError that names the line for an unclosed quote or a row of another length than the
 * header, and for a file that is empty or not UTF-8 text.
 */
export async function readRows(source: Source, options: ReadOptions, reader: RowReader): Promise<void> {
  const name = options.name ?? 'The table';
  const bytes = utf8(await bytesOf(source), name);
  const delimiter = options.delimiter ?? detectDelimiter(new TextDecoder().decode(bytes.subarray(0, SAMPLE)));
  const lines = lineCounter(bytes);
  let columns = -1;
  const take = (cells: string[], info: { bytes: number }): null => {
    const line = lines.startOf(info.bytes);
    if (columns === -1) {
      columns = cells.length;
      reader.header(headerNames(cells, name, line), delimiter);
    } else {
      if (cells.length !== columns) throw ragged(cells.length, columns, line, name, delimiter);
      if (options.decimal === ',')
        for (let i = 0; i < columns; i++) cells[i] = cells[i].replace(DECIMAL_COMMA, '$1.$2');
      reader.row(cells, line);
    }
    return null; // so that the parser keeps no record
  };
  try {
    parse(bytes, {
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      trim: true,
      relax_quotes: true,
      relax_column_count: true, // counted here, for a better message
      on_record: take,
    });
  } catch (error) {
    if (error instanceof KindlingError) throw error;
    throw unreadable(error, name, lines.here());
  }
  if (columns === -1) throw new KindlingError(`${name} is empty: it holds only blank lines.`);
}

/** The rows of a text as plain objects of strings, for prediction: no target is needed. */
export interface RowTable {
  columns: string[];
  rows: Record<string, string>[];
  /** The line in the text where each row starts. */
  lines: number[];
}

/** Reads all rows of a text with a header. Errors as `parseCsv`. */
export async function parseRows(source: Source, options: ReadOptions = {}): Promise<RowTable> {
  const table: RowTable = { columns: [], rows: [], lines: [] };
  await readRows(source, options, {
    header: (names) => (table.columns = names),
    row: (cells, line) => {
      table.rows.push(Object.fromEntries(table.columns.map((column, i) => [column, cells[i]])));
      table.lines.push(line);
    },
  });
  return table;
}

function headerNames(cells: string[], name: string, line: number): string[] {
  if (cells.every((cell) => cell === '')) throw new KindlingError(`${name} has an empty header (line ${line}).`);
  const names = cells.map((cell, i) => (cell === '' ? `column_${i + 1}` : cell));
  const seen = new Set<string>();
  for (const column of names) {
    if (column.length > LONGEST_NAME)
      throw new KindlingError(
        `${name} has a column name of ${column.length} characters (line ${line}), beginning '${column.slice(0, 40)}…'. The first line must hold the names of the columns; is a double quote left open?`,
      );
    if (seen.has(column))
      throw new KindlingError(
        `${name} has two columns named '${column}' (line ${line}); every column needs its own name: rename one.`,
      );
    seen.add(column);
  }
  return names;
}

function ragged(cells: number, columns: number, line: number, name: string, delimiter: Delimiter): KindlingError {
  const sign = delimiter === '\t' ? 'tab' : `'${delimiter}'`;
  return new KindlingError(
    `${name}, line ${line}: ${cells} ${cells === 1 ? 'cell' : 'cells'}, but the header has ${columns}. ` +
      `Every row needs as many cells as the header; a cell that contains the delimiter (${sign}) must stand in double quotes.`,
  );
}

function unreadable(error: unknown, name: string, line: number): Error {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'CSV_QUOTE_NOT_CLOSED')
    return new KindlingError(
      `${name}: a double quote is opened in the row that begins on line ${line}, and never closed; all that follows would be one cell.`,
    );
  if (typeof code === 'string' && code.startsWith('CSV_'))
    return new KindlingError(
      `${name}, line ${line}: ${message ?? code}. Cells with quotes must be quoted as a whole, inner quotes doubled.`,
    );
  return error instanceof Error ? error : new Error(String(error));
}

/** Line numbers of consecutive records, given the offset at which each ends; one pass over the bytes in all. */
function lineCounter(bytes: Uint8Array): { startOf(end: number): number; here(): number } {
  let at = 0;
  let line = 1;
  const step = (): void => {
    if (bytes[at] === 10 || (bytes[at] === 13 && bytes[at + 1] !== 10)) line++;
    at++;
  };
  const here = (): number => {
    while (bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 32) step(); // blank lines before the record
    return line;
  };
  const startOf = (end: number): number => {
    const start = here();
    const stop = Math.min(end, bytes.length);
    while (at < stop) step();
    return start;
  };
  return { startOf, here };
}
