import { readRows, type ReadOptions } from './rows.js';
import type { Source } from './source.js';
import { TableBuilder, type Table, type TableOptions } from './table.js';

export type CsvOptions = ReadOptions & TableOptions;

/**
 * Reads a table from delimited text with a header. Columns whose cells are all numbers are numeric, others are
 * categorical; see `MISSING` for what counts as missing, `inferTask` for how the target is understood. Reads each row
 * once and keeps no text but the distinct words, so 100 MB are no trouble.
 * @throws KindlingError for a file that is empty, ragged, binary, UTF-16 or of a header only, for an unknown target
 * (naming the nearest column), a target with one value, NaN or infinities in the target, infinities in a feature.
 */
export async function parseCsv(source: Source, options: CsvOptions): Promise<Table> {
  let builder: TableBuilder | undefined;
  await readRows(source, options, {
    header: (names) => (builder = new TableBuilder(names, options)),
    row: (cells, line) => builder!.push(cells, line),
  });
  return builder!.finish();
}
