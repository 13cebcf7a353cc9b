import { cpSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getDefaultBackend, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { parseRows } from '@kindling/data';
import { loadPipeline } from '@kindling/train';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { data, folder, keptFolder, kindling } from './harness.js';

let cwd: string;
const cells = (line: string): string[] => line.split(',');

beforeAll(async () => {
  cwd = keptFolder();
  await kindling(['train', data('penguins'), '--target', 'species', '--epochs', '15', '--lr', '0.01', '--out', 'penguins'], { cwd }); // prettier-ignore
  await kindling(['train', data('cars'), '--target', 'miles_per_gallon', '--epochs', '15', '--lr', '0.01', '--out', 'cars'], { cwd }); // prettier-ignore
  // what comes in is not what training saw: no target, another order of columns, missing and unknown values
  writeFileSync(
    join(cwd, 'new.csv'),
    'sex,island,bill_length_mm,bill_depth_mm,flipper_length_mm,body_mass_g\nFEMALE,Dream,46.5,17.9,192,3500\n,Mars,,,,\nMALE,Biscoe,50.0,16.3,230,5700\n',
  );
});

describe('predict', () => {
  it('writes one line of CSV for each row, in order', async () => {
    const { code, out, err } = await kindling(['predict', 'penguins', 'new.csv'], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('prediction');
    expect(lines).toHaveLength(4);
    expect(lines[3]).toBe('Gentoo');
  });

  it('with --proba adds a probability for each class', async () => {
    const { out } = await kindling(['predict', 'penguins', 'new.csv', '--proba'], { cwd });
    const [head, ...rows] = out.trimEnd().split('\n').map(cells);
    expect(head).toEqual(['prediction', 'probability_Adelie', 'probability_Chinstrap', 'probability_Gentoo']);
    for (const [prediction, ...probabilities] of rows) {
      const numbers = probabilities.map(Number);
      expect(numbers.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      const names = ['Adelie', 'Chinstrap', 'Gentoo'];
      expect(prediction).toBe(names[numbers.indexOf(Math.max(...numbers))]);
    }
  });

  it('reads standard input, named - or not at all', async () => {
    const input = readFileSync(join(cwd, 'new.csv'), 'utf8');
    const file = await kindling(['predict', 'penguins', 'new.csv'], { cwd });
    expect((await kindling(['predict', 'penguins', '-'], { cwd, input })).out).toBe(file.out);
    expect((await kindling(['predict', 'penguins'], { cwd, input })).out).toBe(file.out);
  });

  it('says what loadPipeline says in TypeScript', async () => {
    const { json } = await kindling(['predict', 'penguins', 'new.csv', '--proba', '--json'], { cwd });
    const backend = await cpu();
    setDefaultBackend(backend);
    onTestFinished(async () => {
      setDefaultBackend(undefined);
      await backend.close();
    });
    const pipeline = await loadPipeline(join(cwd, 'penguins'));
    const { rows } = await parseRows(readFileSync(join(cwd, 'new.csv')));
    expect(json['predictions']).toEqual(await pipeline.predict(rows));
    expect(getDefaultBackend()).toBe(backend);
  });

  it('predicts numbers in the units of the target', async () => {
    const { out } = await kindling(['predict', 'cars', data('cars')], { cwd });
    const values = out.trimEnd().split('\n').slice(1).map(Number);
    expect(values).toHaveLength(406);
    for (const value of values) expect(value).toSatisfy((v: number) => v > 0 && v < 60);
    const { err } = await kindling(['predict', 'cars', data('cars'), '--proba'], { cwd });
    expect(err).toMatch(/--proba has no meaning for regression/);
  });

  it('writes nothing where a row is wrong, and names it', async () => {
    const input = `${readFileSync(join(cwd, 'new.csv'), 'utf8')}MALE,Dream,long,17,190,3500\n`;
    const { code, out, err } = await kindling(['predict', 'penguins'], { cwd, input });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/standard input, line 5: 'bill_length_mm' must be a number or null, got 'long'/);
    const [header, row] = input.split('\n');
    const many = `${header}\n${`${row}\n`.repeat(9000)}MALE,Dream,"39,5",17,190,3500\n`;
    const late = await kindling(['predict', 'penguins'], { cwd, input: many });
    expect(late.err).toMatch(/line 9002: 'bill_length_mm' .* got '39,5'; a decimal comma is read with --decimal comma/);
    const labelled = `species,${header}\nAdelie,${row}\nAdele,${row}\n`;
    const wrong = await kindling(['evaluate', 'penguins', '-'], { cwd, input: labelled });
    expect(wrong.err).toMatch(/line 3: 'Adele' is not a class of 'species'; did you mean 'Adelie'\?/);
  });

  it('reads decimal commas where it is told to', async () => {
    const input = readFileSync(join(cwd, 'new.csv'), 'utf8');
    const german = input.replaceAll(',', ';').replaceAll('.', ',');
    expect(german).toMatch(/\d,\d/);
    const { out } = await kindling(['predict', 'penguins', '--decimal', 'comma'], { cwd, input: german });
    expect(out).toBe((await kindling(['predict', 'penguins'], { cwd, input })).out);
  });

  it('misses columns and refuses strange ones', async () => {
    const lacking = await kindling(['predict', 'penguins'], { cwd, input: 'island,sex\nDream,MALE\n' });
    expect(lacking.err).toMatch(/lacks the columns 'bill_length_mm'/);
    const strange = await kindling(['predict', 'penguins', '-'], { cwd, input: readFileSync(join(cwd, 'new.csv'), 'utf8').replace('sex', 'sx') }); // prettier-ignore
    expect(strange.err).toMatch(/lacks the column 'sex'.*'sx'/);
  });
});

describe('evaluate', () => {
  it('shows a classification report as a table, and gives it to programs with --json', async () => {
    const argv = ['evaluate', 'penguins', data('penguins'), '--metrics', 'classificationReport'];
    const { code, out } = await kindling(argv, { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/classificationReport\n +precision +recall +f1 +support\n +Adelie +[01][.\d]* .* 152\n/);
    expect(out).toMatch(/^ +weighted .* 344$/m);
    expect(out).not.toMatch(/[{}]/);
    const { json } = await kindling([...argv, '--json'], { cwd });
    expect(json['classificationReport']).toMatchObject({ weighted: { support: 344 } });
  });
  it('measures a classifier, with its confusion matrix', async () => {
    const { code, out, err } = await kindling(['evaluate', 'penguins', data('penguins')], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/accuracy +0\.9/);
    expect(out).toMatch(/Adelie +\d+ +\d+ +\d+/);
    expect(err).toBe('');
    const { json } = await kindling(['evaluate', 'penguins', data('penguins'), '--json'], { cwd });
    expect(json).toMatchObject({ rows: 344, classes: ['Adelie', 'Chinstrap', 'Gentoo'] });
    const right = (json['confusion'] as number[][]).reduce((sum, row, i) => sum + row[i], 0);
    expect(json['accuracy']).toBeCloseTo(right / 344, 12);
  });

  it('measures a regression in the units of the target, on rows that have one', async () => {
    const { json, err } = await kindling(['evaluate', 'cars', data('cars'), '--json'], { cwd });
    expect(json['r2']).toBeGreaterThan(0.75);
    expect(json['rmse']).toBeLessThan(4);
    expect(json['rows']).toBe(398);
    expect(err).toMatch(/the target is missing in 8 rows/);
  });

  it('needs the target', async () => {
    const { code, err } = await kindling(['evaluate', 'penguins', 'new.csv'], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(/has no column 'species', the target; to predict it, use: kindling predict/);
  });
});

describe('inspect', () => {
  it('shows a table without knowing its target', async () => {
    const { out, json } = await kindling(['inspect', data('penguins'), '--json'], { cwd });
    expect(JSON.parse(out)).toMatchObject({ kind: 'table', rows: 344 });
    const columns = json['columns'] as { name: string; kind: string; missing: number }[];
    expect(columns.map(({ name, missing }) => [name, missing])).toEqual([
      ['species', 0],
      ['island', 0],
      ['bill_length_mm', 2],
      ['bill_depth_mm', 2],
      ['flipper_length_mm', 2],
      ['body_mass_g', 2],
      ['sex', 11],
    ]);
  });

  it('shows the task of a target', async () => {
    const { out } = await kindling(['inspect', data('penguins'), '--target', 'species'], { cwd });
    expect(out).toMatch(/344 rows, 7 columns/);
    expect(out).toMatch(/This is classification of 3 classes \(Adelie, Chinstrap, Gentoo\)/);
  });

  it('shows a table of one row, and of one column', async () => {
    expect((await kindling(['inspect', '-'], { input: 'a,b\n1,x\n' })).code).toBe(0);
    expect((await kindling(['inspect', '-'], { input: 'a\n1\n2\n' })).code).toBe(0);
    const words = await kindling(['inspect', '-'], { input: `a;b\n${Array.from({ length: 30 }, (_, i) => `n${i};${i},5\n`).join('')}` }); // prettier-ignore
    expect(words).toMatchObject({ code: 0, err: '' });
    expect(words.out).toMatch(
      /^ +a +left out .*identifier.*\n +b +left out .* such as '0,5': read them with --decimal comma$/m,
    );
  });

  it('shows a model', async () => {
    const { out } = await kindling(['inspect', 'penguins'], { cwd });
    expect(out).toMatch(/classification of 'species', 3 classes/);
    expect(out).toMatch(/0 +linear +inputs \d+, outputs 64, bias true/);
    expect(out).toMatch(/island +categorical +3 +one of Biscoe, Dream, Torgersen/);
    expect(out).toMatch(/accuracy +0\.9/);
  });
});

describe('a damaged or hostile model', () => {
  const broken = (change: (model: string) => void): string => {
    const place = folder();
    cpSync(join(cwd, 'penguins'), join(place, 'm'), { recursive: true });
    change(join(place, 'm'));
    return place;
  };
  const weights = (model: string): string => join(model, 'model.safetensors');
  const withHeader = (length: bigint, header: string, bytes = 0): Buffer => {
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(length);
    return Buffer.concat([size, Buffer.from(header), Buffer.alloc(bytes)]);
  };
  const edited = (change: (json: Record<string, unknown>) => void) => (model: string) => {
    const json = JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')) as Record<string, unknown>;
    change(json);
    writeFileSync(join(model, 'model.json'), JSON.stringify(json));
  };
  const offsets = '{"0.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,1600000000]}}';

  it.each<[string, (model: string) => void]>([
    ['truncated weights', (m) => truncateSync(weights(m), statSync(weights(m)).size - 100)],
    ['weights cut in the header', (m) => truncateSync(weights(m), 60)],
    ['empty weights', (m) => truncateSync(weights(m), 0)],
    ['a huge header', (m) => writeFileSync(weights(m), withHeader(2n ** 62n, '{}'))],
    ['offsets outside the file', (m) => writeFileSync(weights(m), withHeader(BigInt(offsets.length), offsets, 16))],
    ['a header that is no JSON', (m) => writeFileSync(weights(m), withHeader(4n, '{{{{'))],
    ['text for weights', (m) => writeFileSync(weights(m), 'not weights at all, but a long enough text')],
    ['truncated JSON', (m) => truncateSync(join(m, 'model.json'), 200)],
    ['empty JSON', (m) => truncateSync(join(m, 'model.json'), 0)],
    ['JSON of something else', (m) => writeFileSync(join(m, 'model.json'), '[1, 2]')],
    ['a monstrous layer', edited((json) => (json['architecture'] = { type: 'linear', inputs: 1e9, outputs: 1e9 }))],
    ['an unknown layer', edited((json) => (json['architecture'] = { type: '__proto__' }))],
    ['no preprocessing', edited((json) => delete json['preprocessing'])],
    ['other classes', edited((json) => (json['classes'] = ['a', 'b']))],
    ['another architecture', edited((json) => (json['architecture'] = { type: 'sequential', layers: [{ type: 'linear', inputs: 2, outputs: 3 }] }))], // prettier-ignore
    ['a folder for the weights', (m) => { truncateSync(weights(m), 0); mkdirSync(join(m, 'x')); }], // prettier-ignore
  ])('%s: a message and code 2', async (_name, change) => {
    const place = broken(change);
    for (const argv of [
      ['predict', 'm', join(cwd, 'new.csv')],
      ['evaluate', 'm', data('penguins')],
      ['inspect', 'm'],
    ]) {
      // prettier-ignore
      const { code, out, err } = await kindling(argv, { cwd: place });
      expect(err).toMatch(/^error: /);
      expect(err).not.toMatch(/unexpected happened|\n\s+at /);
      expect({ code, out }).toEqual({ code: 2, out: '' });
    }
  });
});
