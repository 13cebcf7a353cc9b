import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { KindlingError } from '@kindling/core';
import { parseCsv, parseRows, type CsvOptions, type Source } from '@kindling/data';
import { readCsv, readCsvRows } from '@kindling/data/node';

const shipped = (name: string): string => new URL(`../../../data/${name}.csv`, import.meta.url).pathname;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const failure = async (source: Source, options: CsvOptions = { target: 'y' }): Promise<string> => {
  const error: unknown = await parseCsv(source, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KindlingError);
  return (error as Error).message;
};

describe('reading text', () => {
  const rows = 'a,b,y\n1,u,0\n2,v,1\n';
  it('takes text, bytes, a Blob and a stream alike', async () => {
    const sources = [rows, bytes(rows), new Blob([rows]), new Blob([rows]).stream(), bytes(rows).buffer as ArrayBuffer];
    for (const source of sources) {
      const table = await parseCsv(source, { target: 'y' });
      expect(table.row(1)).toEqual({ a: 2, b: 'v', y: '1' });
    }
  });

  it('understands a byte-order mark, CRLF, lone CR, blank lines, quotes, spaces and a missing last newline', async () => {
    for (const newline of ['\n', '\r\n', '\r']) {
      const text = ['\ufeffa, "b ""q"", c" ,y', '', ' 1 ,"x, ""y""",0', '   ', '2,5" pipe,1'].join(newline);
      const table = await parseRows(text);
      expect(table.columns).toEqual(['a', 'b "q", c', 'y']);
      expect(table.rows.map((row) => row['b "q", c'])).toEqual(['x, "y"', '5" pipe']);
      expect(table.lines).toEqual([3, 5]);
    }
  });

  it('keeps line breaks within quotes and still counts lines', async () => {
    const table = await parseRows('a,b\r\n"1\r\n2\n3",4\r\n\r\n5,6\r\n');
    expect(table.rows).toEqual([
      { a: '1\r\n2\n3', b: '4' },
      { a: '5', b: '6' },
    ]);
    expect(table.lines).toEqual([2, 6]);
  });

  it.each([
    [',', ','],
    [';', ';'],
    ['tab', '\t'],
    ['|', '|'],
  ])('finds the delimiter %s', async (_, delimiter) => {
    const text = [`a${delimiter}"b,;\t|${delimiter}"`, `1,5${delimiter}2`, `3${delimiter}4`].join('\n');
    const { columns } = await parseRows(delimiter === ',' ? text.replace('1,5', '1') : text);
    expect(columns).toHaveLength(2);
  });

  it('reads a decimal comma where told to', async () => {
    const table = await parseCsv('x;y\n1,5;2,25\n-3,0;1e3\n,5;7\n', { target: 'y', decimal: ',' });
    expect([0, 1, 2].map((row) => table.row(row))).toEqual([
      { x: 1.5, y: 2.25 },
      { x: -3, y: 1000 },
      { x: 0.5, y: 7 },
    ]);
  });

  it('gives back any cells that were written with quotes', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\0', ''));
    await fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 1, max: 4 })
          .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 })),
        fc.constantFrom(',' as const, ';' as const, '\t' as const, '|' as const),
        fc.constantFrom('\n', '\r\n'),
        async (rows, delimiter, newline) => {
          const header = rows[0].map((_, i) => `c${i}`);
          const line = (cells: string[]): string =>
            cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter);
          const table = await parseRows([header, ...rows].map(line).join(newline), { delimiter });
          expect(table.rows.map((row) => Object.values(row))).toEqual(rows);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads 200,000 rows in time that grows with their number only', async () => {
    const text =
      'a,b,c,y\n' + Array.from({ length: 200_000 }, (_, i) => `${i % 97},${i / 7},k${i % 50},${i % 3}`).join('\n');
    const table = await parseCsv(bytes(text), { target: 'y' });
    expect(table.rows).toBe(200_000);
    expect(table.columns.map(({ kind }) => kind)).toEqual(['numeric', 'numeric', 'categorical']);
    expect(table.lines[199_999]).toBe(200_001);
  });
});

describe('bad files', () => {
  it('names the line and the counts of a ragged row', async () => {
    expect(await failure('a,y\n1,2\n\n"x\ny",1,2\n')).toBe(
      "The table, line 4: 3 cells, but the header has 2. Every row needs as many cells as the header; a cell that contains the delimiter (',') must stand in double quotes.",
    );
    expect(await failure('a,y\n1\n')).toContain('line 2: 1 cell, but the header has 2');
  });

  it('recognises what is not UTF-8 text', async () => {
    const utf16 = (text: string, big: boolean, mark: boolean): Uint8Array => {
      const view = new DataView(new ArrayBuffer(2 * (text.length + (mark ? 1 : 0))));
      [...(mark ? '\ufeff' : ''), ...text].forEach((char, i) => view.setUint16(2 * i, char.charCodeAt(0), !big));
      return new Uint8Array(view.buffer);
    };
    for (const mark of [true, false]) {
      expect(await failure(utf16('a,y\n1,2\n', false, mark))).toContain('UTF-16LE');
      expect(await failure(utf16('a,y\n1,2\n', true, mark))).toContain('UTF-16BE');
    }
    expect(await failure(Uint8Array.of(97, 44, 0, 121, 10, 49, 44, 50))).toContain(
      'binary data, not text (a zero byte at offset 2)',
    );
    expect(await failure(Uint8Array.of(0x1f, 0x8b, 8, 0))).toContain('gzip');
    expect(await failure(Uint8Array.of(0x50, 0x4b, 3, 4, 0))).toContain('Excel');
    expect(await failure(bytes('PAR1\0\0'))).toContain('Parquet');
    const latin = Uint8Array.from([...bytes('a,y\n1,2\n'), ...bytes('x'.repeat(100_000)), 0xe9, 10]);
    expect(await failure(latin)).toContain('is not UTF-8 text (a byte 0xe9 on line 3)');
  });

  it('refuses nothing, blanks, and a header without rows', async () => {
    expect(await failure('')).toBe('The table is empty.');
    expect(await failure('\n \n\r\n')).toBe('The table is empty: it holds only blank lines.');
    expect(await failure('a,y\n')).toBe('The table has a header but no rows.');
    expect(await failure(',,\n1,2,3\n')).toContain('empty header (line 1)');
    expect(await failure(`${'x'.repeat(5000)},y\n1,2\n`)).toContain('a column name of 5000 characters (line 1)');
  });

  it('refuses two columns of one name, and an unclosed quote', async () => {
    expect(await failure('a,y,a\n1,2,3\n')).toContain("two columns named 'a' (line 1)");
    expect(await failure('a,y\n"1,2\n3,4\n')).toContain(
      'a double quote is opened in the row that begins on line 2, and never closed',
    );
    expect(await failure('a,y\n"1" x,2\n')).toContain('line 2');
  });

  it('names the nearest column for an unknown target, column to drop or declared type', async () => {
    expect(await failure('speceis,a\nx,1\n', { target: 'species' })).toBe(
      "The table has no target column 'species'; did you mean 'speceis'?",
    );
    expect(await failure('y,age\nx,1\n', { target: 'y', drop: ['Aeg'] })).toContain("did you mean 'age'?");
    expect(await failure('y,age\nx,1\n', { target: 'y', types: { aje: 'numeric' } })).toContain("did you mean 'age'?");
    expect(await failure('1,2\n3,4\n', { target: 'y' })).toContain('must hold the names of the columns');
    expect(await failure('y,age\nx,1\n', { target: 'y', drop: ['y'] })).toContain(
      'both the target and a column to drop',
    );
  });

  it('names the file that cannot be read', async () => {
    await expect(readCsv('/nowhere/x.csv', { target: 'y' })).rejects.toThrow(
      'Cannot read /nowhere/x.csv: there is no such file.',
    );
    await expect(readCsvRows(new URL('.', import.meta.url).pathname)).rejects.toThrow('it is a folder');
  });
});

describe('understanding columns', () => {
  it('types the shipped tables', async () => {
    const penguins = await readCsv(shipped('penguins'), { target: 'species' });
    expect(penguins.columns.map(({ name, kind, missing }) => [name, kind, missing])).toEqual([
      ['island', 'categorical', 0],
      ['bill_length_mm', 'numeric', 2],
      ['bill_depth_mm', 'numeric', 2],
      ['flipper_length_mm', 'numeric', 2],
      ['body_mass_g', 'numeric', 2],
      ['sex', 'categorical', 11],
    ]);
    expect(penguins.task).toBe('classification');
    expect(penguins.classes).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
    expect(penguins.warnings).toEqual([]);

    const cars = await readCsv(shipped('cars'), { target: 'miles_per_gallon' });
    expect(cars.task).toBe('regression');
    expect(cars.rows).toBe(398);
    expect(cars.warnings).toEqual([
      "The target 'miles_per_gallon' is missing in 8 rows of 406 (lines 12, 13, 14, 15, 16, …): these rows are left out.",
    ]);
    expect(cars.columns.find(({ name }) => name === 'horsepower')!.missing).toBe(6);

    const tasks: Record<string, [string, string, number]> = {
      iris: ['species', 'classification', 3],
      wine: ['cultivar', 'classification', 3],
      'breast-cancer': ['diagnosis', 'binary', 2],
      digits: ['digit', 'classification', 10],
      diabetes: ['progression', 'regression', 0],
    };
    for (const [name, [target, task, classes]] of Object.entries(tasks)) {
      const table = await readCsv(shipped(name), { target });
      expect([table.task, table.classes.length, table.columns.every(({ kind }) => kind === 'numeric')]).toEqual([
        task,
        classes,
        true,
      ]);
    }
  });

  const columnOf = async (cells: string[], types?: Record<string, 'numeric' | 'categorical'>) => {
    const text = `x,y\n${cells.map((cell, i) => `${cell},${i % 2}`).join('\n')}\n`;
    return (await parseCsv(text, { target: 'y', types })).columns[0];
  };

  it('knows the spellings of a missing value', async () => {
    const column = await columnOf(['1.5', '', 'NA', 'n/a', 'NaN', 'null', '?', '.', '#N/A', '<NA>', 'None', '-', '2']);
    expect(column).toMatchObject({ kind: 'numeric', missing: 11 });
    const words = await columnOf(['none', 'mild', 'severe', 'NULL', '-']);
    expect(words).toMatchObject({ kind: 'categorical', missing: 1, categories: ['none', 'mild', 'severe', '-'] });
  });

  it('reads numbers as tables write them, and nothing else as a number', async () => {
    const column = await columnOf(['+1', '-.5', '1e3', '007', '5.', '1E-2']);
    expect(column.kind === 'numeric' && [...column.values]).toEqual([1, -0.5, 1000, 7, 5, 0.01]);
    for (const word of ['0x10', '1_000', '1,5'.replace(',', ' '), 'e5', '--1', '12a', '0b1'])
      expect((await columnOf(['1', word])).kind).toBe('categorical');
  });

  it('makes one category of the spellings of a number, unless the column is declared categorical', async () => {
    expect(await columnOf(['1', '1.0', 'x', '01'])).toMatchObject({
      categories: ['1', 'x'],
      codes: Int32Array.of(0, 0, 1, 0),
    });
    expect(await columnOf(['1', '1.0', '01'], { x: 'categorical' })).toMatchObject({ categories: ['1', '1.0', '01'] });
  });

  it('refuses words in a column declared numeric, and infinities in a feature', async () => {
    expect(await failure('x,y\n1,0\nabc,1\n', { target: 'y', types: { x: 'numeric' } })).toBe(
      "The table, line 3: 'abc' is not a number, but column 'x' is declared numeric.",
    );
    for (const cell of ['inf', '-Infinity', '1e999'])
      expect(await failure(`x,y\n1,0\n${cell},1\n`)).toContain("column 'x' has an infinite value on line 3");
  });

  it('leaves out identifiers, row counters and empty columns, and says so', async () => {
    const text = ',name,empty,x,y\n' + Array.from({ length: 30 }, (_, i) => `${i},n${i},,${i * i},${i % 2}`).join('\n');
    const table = await parseCsv(text, { target: 'y' });
    expect(table.columns.map(({ name }) => name)).toEqual(['x']);
    expect(table.dropped).toEqual([
      { name: 'column_1', reason: 'it numbers the rows' },
      { name: 'name', reason: 'it looks like an identifier or free text (30 different values in 30 rows)' },
      { name: 'empty', reason: 'every cell is missing' },
    ]);
    expect(table.warnings[1]).toBe(
      "Column 'name' is left out: it looks like an identifier or free text (30 different values in 30 rows).",
    );
    const kept = await parseCsv(text, { target: 'y', types: { name: 'categorical', column_1: 'numeric' } });
    expect(kept.columns.map(({ name }) => name)).toEqual(['column_1', 'name', 'x']);
    expect(await failure('id,y\n' + Array.from({ length: 9 }, (_, i) => `${i},${i % 2}`).join('\n'))).toContain(
      'no column left',
    );
  });

  it('says where numbers have a decimal comma', async () => {
    const text = (x: (i: number) => string, y: (i: number) => string, n = 30): string =>
      `x;y\n${Array.from({ length: n }, (_, i) => `${x(i)};${y(i)}`).join('\n')}`;
    const hint = /seem to be numbers with a decimal comma, such as '[01],5': read them with decimal ','/;
    expect(await failure(text(String, (i) => `${i},5`))).toMatch(hint);
    expect(
      await failure(
        text(String, (i) => `${i % 4},5`),
        { target: 'y', task: 'regression' },
      ),
    ).toMatch(hint);
    const dropped = text((i) => `${i},5`, (i) => `${i % 2}`); // prettier-ignore
    await expect(parseCsv(dropped, { target: 'y', types: { y: 'categorical' } })).rejects.toThrow('no column left');
    const few = await parseCsv(text((i) => (i % 3 === 0 ? '2' : `${i % 2},5`), (i) => `${i % 2}`), { target: 'y' }); // prettier-ignore
    expect(few.warnings[0]).toMatch(hint);
    const read = await parseCsv(dropped, { target: 'y', decimal: ',' });
    expect(read.row(3)).toEqual({ x: 3.5, y: '1' });
    // commas between thousands are none
    const thousands = await parseCsv(`z;${text((i) => `${i + 1},000`, (i) => `${i % 2}`).replaceAll('\n', '\n1;')}`, { target: 'y' }); // prettier-ignore
    expect(thousands.warnings[0]).toContain('identifier or free text');
  });

  it('says which cell made a column of numbers a column of words', async () => {
    const cells = Array.from({ length: 15 }, (_, i) => `${i}`);
    const text = `x,y\n${[...cells, 'twelve'].map((cell, i) => `${cell},${i % 2}`).join('\n')}`;
    expect((await parseCsv(text, { target: 'y' })).warnings[0]).toContain(
      "because of cells such as 'twelve' (line 17)",
    );
  });
});

describe('understanding the target', () => {
  const withTarget = (cells: (string | number)[]): string =>
    `x,y\n${cells.map((cell, i) => `${i * i},${cell}`).join('\n')}`;
  const repeat = <T>(cells: T[], times: number): T[] => Array.from({ length: times }, () => cells).flat();

  it.each([
    ['words', ['a', 'b', 'c'], 'classification', ['a', 'b', 'c']],
    ['two words', ['yes', 'no', 'yes'], 'binary', ['no', 'yes']],
    ['truth values', ['True', 'False'], 'binary', ['False', 'True']],
    ['two integers', [1, 0, 1, -1].slice(0, 3), 'binary', ['0', '1']],
    ['few integers, many rows', repeat([10, 9, 2], 10), 'classification', ['2', '9', '10']],
    ['few integers, few rows', repeat([1, 2, 3], 3), 'regression', []],
    ['many integers', Array.from({ length: 400 }, (_, i) => i % 21), 'regression', []],
    ['fractions', repeat([0.5, 1, 1.5], 20), 'regression', []],
  ])('%s', async (_, cells, task, classes) => {
    const table = await parseCsv(withTarget(cells), { target: 'y' });
    expect([table.task, table.classes]).toEqual([task, classes]);
  });

  it('obeys the task it is given, where the target allows it', async () => {
    expect((await parseCsv(withTarget([1, 0, 1]), { target: 'y', task: 'regression' })).task).toBe('regression');
    expect((await parseCsv(withTarget([0.5, 1, 0.5]), { target: 'y', task: 'binary' })).classes).toEqual(['0.5', '1']);
    expect(await failure(withTarget([1, 'x', 2]), { target: 'y', task: 'regression' })).toContain(
      "holds words ('x', line 3)",
    );
    expect(await failure(withTarget([1, 2, 3]), { target: 'y', task: 'binary' })).toContain('has 3 (1, 2, 3)');
  });

  it('refuses a target without variety, and one that is no class', async () => {
    expect(await failure(withTarget(['a', 'a', 'a']))).toContain("has one class only ('a' in all 3 rows)");
    expect(await failure(withTarget([2.5, 2.5]))).toContain("'y' is 2.5 in all 2 rows");
    const prices = Array.from({ length: 30 }, (_, i) => i + 0.25);
    expect(await failure(withTarget([...prices, 'n.b.']))).toContain("Most are numbers: 'n.b.' (line 32) is not");
    expect(await failure(withTarget(prices.map((_, i) => `name${i}`)))).toContain('too many to be classes');
  });

  it('leaves out rows without a target, or not, as told', async () => {
    const text = withTarget([1, '', 0, 'NA', 1]);
    const table = await parseCsv(text, { target: 'y' });
    expect([...table.lines]).toEqual([2, 4, 6]);
    expect(table.warnings).toEqual(["The target 'y' is missing in 2 rows of 5 (lines 3, 5): these rows are left out."]);
    expect(await failure(text, { target: 'y', dropMissingTarget: false })).toContain(
      'missing in 2 rows of 5 (lines 3, 5)',
    );
    expect(await failure(withTarget(['', 'NA']))).toContain('has no value in any row');
  });

  it.each(['NaN', 'nan', 'inf', '-Infinity', '1e400'])(
    'refuses %s in the target, unless told to drop such rows',
    async (cell) => {
      const text = withTarget([1.5, cell, 2.5, cell]);
      expect(await failure(text)).toContain("the target 'y' is NaN or infinite in 2 rows (lines 3, 5)");
      const table = await parseCsv(text, { target: 'y', dropMissingTarget: true });
      expect([...table.target.values]).toEqual([1.5, 2.5]);
    },
  );
});
