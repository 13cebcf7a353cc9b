import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  parseCsv,
  preprocessingFromJSON,
  type Preprocessing,
  type PreprocessingJSON,
  type Row,
  tableFromRows,
} from '@kindling/data';
import { readCsv } from '@kindling/data/node';

const shipped = (name: string): string => new URL(`../../../data/${name}.csv`, import.meta.url).pathname;

async function small(): Promise<{ preprocessing: Preprocessing; test: Float32Array; train: Float32Array }> {
  // the last two rows are the test part: what is odd about them must not show in what was fitted
  const text = [
    'age,town,empty_in_train,constant,y',
    '10,Ulm,1,5,a',
    '20,Bonn,2,5,b',
    ',Ulm,3,5,a',
    '40,,4,5,b',
    '1000,Köln,,7,a',
    ',,,,b',
  ].join('\n');
  const table = await parseCsv(text, { target: 'y' });
  const split = table.splitRows({ train: [0, 1, 2, 3], test: [4, 5] });
  return { preprocessing: split.preprocessing, train: split.train.inputs, test: split.test.inputs };
}

describe('fitting', () => {
  it('standardises, imputes and encodes from the training rows only', async () => {
    const { preprocessing, train, test } = await small();
    expect(preprocessing.featureNames).toEqual([
      'age', 'age is missing', 'town=Bonn', 'town=Ulm', 'town is missing', 'empty_in_train', 'constant',
    ]); // prettier-ignore
    expect(preprocessing.columns).toEqual([
      { name: 'age', kind: 'numeric', offset: 0, width: 2 },
      { name: 'town', kind: 'categorical', offset: 2, width: 3 },
      { name: 'empty_in_train', kind: 'numeric', offset: 5, width: 1 },
      { name: 'constant', kind: 'numeric', offset: 6, width: 1 },
    ]);
    // ages 10, 20, 40: mean 70/3, variance 1400/9; the median is 20. empty_in_train: mean 2.5, variance 1.25
    const age = (value: number): number => Math.fround((value - 70 / 3) / Math.sqrt(1400 / 9));
    const other = (value: number): number => Math.fround((value - 2.5) / Math.sqrt(1.25));
    expect([...train]).toEqual([
      age(10), 0, 0, 1, 0, other(1), 0,
      age(20), 0, 1, 0, 0, other(2), 0,
      age(20), 1, 0, 1, 0, other(3), 0,
      age(40), 0, 0, 0, 1, other(4), 0,
    ]); // prettier-ignore
    expect([...test]).toEqual([
      age(1000), 0, 0, 0, 0, other(2.5), 0,
      age(20), 1, 0, 0, 1, other(2.5), 0,
    ]); // prettier-ignore
  });

  it("equals scikit-learn's StandardScaler on wine", async () => {
    const table = await readCsv(shipped('wine'), { target: 'cultivar' });
    const rows = Array.from({ length: 178 }, (_, i) => i);
    const { preprocessing, train } = table.splitRows({ train: rows });
    // StandardScaler().fit(X): mean_[0], scale_[0], mean_[12], scale_[12]; transform(X)[177, 12]
    const { features } = preprocessing.toJSON();
    const [alcohol, proline] = [features[0], features[12]];
    if (alcohol.kind !== 'numeric' || proline.kind !== 'numeric') throw new Error('not numeric');
    expect(alcohol.mean).toBeCloseTo(13.00061797752809, 12);
    expect(alcohol.std).toBeCloseTo(0.8095429145285168, 12);
    expect(proline.mean).toBeCloseTo(746.8932584269663, 10);
    expect(proline.std).toBeCloseTo(314.0216568419877, 10);
    expect(train.inputs[177 * 13 + 12]).toBeCloseTo(-0.5951604112483522, 6);
  });

  it('stands numbers of any size', async () => {
    const values = ['1e308', '-1e308', '1.7e308', '0'];
    const table = await parseCsv(
      'x,z,y\n' + values.map((x, i) => `${x},${x.replace('e308', 'e-320')},${i % 2}`).join('\n'),
      { target: 'y' },
    );
    const { train } = table.splitRows({ train: [0, 1, 2, 3] });
    for (let row = 0; row < 4; row++)
      for (const value of train.inputs.subarray(2 * row, 2 * row + 2)) expect(Math.abs(value)).toBeLessThan(2);
  });

  it('standardises a regression target and gives it back', async () => {
    const table = await readCsv(shipped('cars'), { target: 'miles_per_gallon' });
    const { train, validation, preprocessing, rows } = table.split({ validation: 0.2, test: 0.2, seed: 3 });
    const targets = Array.from(train.targets);
    const sum = targets.reduce((a, b) => a + b, 0);
    const squares = targets.reduce((a, b) => a + b * b, 0);
    expect(sum / train.rows).toBeCloseTo(0, 5);
    expect(squares / train.rows).toBeCloseTo(1, 5);
    expect(train.targetScale).toEqual(preprocessing.target.scale);
    const restored = preprocessing.target.restore(validation.targets);
    rows.validation.forEach((row, i) => expect(restored[i]).toBeCloseTo(table.target.values[row], 5));

    const raw = table.splitRows(rows, { standardizeTarget: false });
    expect(raw.train.targetScale).toEqual({ mean: 0, std: 1 });
    expect(raw.train.targets[0]).toBeCloseTo(table.target.values[rows.train[0]], 5);
  });

  it('gives the hundred most frequent categories an input each', async () => {
    const words = Array.from({ length: 1000 }, (_, i) => `w${i < 500 ? i % 50 : i % 250}`);
    const table = await parseCsv('x,y\n' + words.map((word, i) => `${word},${i % 2}`).join('\n'), { target: 'y' });
    expect(table.warnings[0]).toContain("Column 'x' has 250 categories");
    expect(table.split().preprocessing.width).toBe(100);
  });

  it('refuses to make a matrix that no memory holds', async () => {
    const text = 'a,b,y\n' + Array.from({ length: 2000 }, (_, i) => `${i % 90},${i},${i % 2}`).join('\n');
    const table = await parseCsv(text, { target: 'y', types: { a: 'categorical' } });
    expect(() => table.split().preprocessing.transform({ length: 2 ** 23 } as Row[])).toThrow(
      "The widest columns are 'a' (90)",
    );
  });
});

describe('serving', () => {
  it('takes rows of plain values, and gives what training saw', async () => {
    const { preprocessing, train } = await small();
    const rows: Row[] = [
      { age: 10, town: 'Ulm', empty_in_train: 1, constant: 5 },
      { age: ' 20.0 ', town: 'bonn', empty_in_train: '2', constant: 99, y: 'b' },
      { age: null, town: 'Ulm', empty_in_train: 3 },
      { age: '40', town: 'NA', empty_in_train: 4, constant: undefined },
    ];
    expect(preprocessing.transform(rows)).toEqual(train);
  });

  it('is the same from the table, from text and from plain rows, on real tables', async () => {
    for (const [name, target] of [
      ['penguins', 'species'],
      ['cars', 'miles_per_gallon'],
    ] as const) {
      const table = await readCsv(shipped(name), { target });
      const { test, preprocessing, rows } = table.split({ seed: 1 });
      const plain = Array.from(rows.test, (row) => table.row(row));
      expect(preprocessing.transform(plain)).toEqual(test.inputs);
      const written = plain.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? '' : String(value)])),
      );
      const again = preprocessingFromJSON(JSON.parse(JSON.stringify(preprocessing)));
      const served = again.dataset(written);
      expect(served.inputs).toEqual(test.inputs);
      expect(served.targets).toEqual(test.targets);
      expect(again.toJSON()).toEqual(preprocessing.toJSON());
    }
  });

  it('refuses unknown columns and wrong values, naming row and column', async () => {
    const { preprocessing } = await small();
    const good = { age: 1, town: 'Ulm' };
    const error = (row: unknown): string => {
      try {
        preprocessing.transform([good, row as Row]);
      } catch (reason) {
        return (reason as Error).message;
      }
      return 'accepted';
    };
    expect(error({ aeg: 1 })).toBe("Row 2 has a column 'aeg' that the model was not trained on; did you mean 'age'?");
    expect(error({ age: 'old' })).toBe("Row 2: 'age' must be a number or null, got 'old'.");
    expect(error({ age: Infinity })).toContain("Row 2: 'age' must be finite, got Infinity");
    expect(error({ age: '1e999' })).toContain('must be finite');
    expect(error({ age: {} })).toContain('must be a number or null, got a value of type object');
    expect(error({ town: ['Ulm'] })).toContain("'town' must be a string, a number or null, got an array");
    expect(error({})).toContain('Row 2 has none of the columns that the model was trained on: age, town');
    expect(error({ y: 'a' })).toContain('has none of the columns');
    expect(error(null)).toContain('Row 2 must be an object of column values, got null');
    expect(error(JSON.parse('{"__proto__": {"age": 1}, "age": 3}'))).toContain("column '__proto__'");
    expect(() => preprocessing.checkColumns(['age', 'twon'])).toThrow(
      "The table lacks the columns 'town', 'empty_in_train', 'constant' that the model was trained on; it has 'twon', which the model does not know.",
    );
    expect(() => preprocessing.checkColumns(['age', 'town', 'empty_in_train', 'constant', 'y'])).not.toThrow();
  });

  it('makes a data set of labelled rows', async () => {
    const { preprocessing } = await small();
    const data = preprocessing.dataset([
      { age: 1, y: 'b' },
      { age: 2, y: 'A' },
    ]);
    expect([...data.targets]).toEqual([1, 0]);
    expect(() => preprocessing.dataset([{ age: 1, y: 'c' }])).toThrow("Row 1: 'c' is not a class of 'y'");
    expect(() => preprocessing.dataset([{ age: 1 }])).toThrow("Row 1 has no value in the target 'y'");
    expect(preprocessing.dataset([{ age: 1 }, { age: 1, y: 'a' }], { dropMissingTarget: true }).rows).toBe(1);
  });
});

describe('a preprocessing from JSON', () => {
  it.each<[damage: (json: PreprocessingJSON) => unknown, message: string]>([
    [() => null, 'preprocessing must be an object, got null'],
    [() => [], 'preprocessing must be an object, got []'],
    [(json) => ({ ...json, version: 2 }), 'preprocessing.version must be 1'],
    [
      (json) => ({ ...json, task: 'x' }),
      'preprocessing.task must be one of classification, binary, regression, got "x"',
    ],
    [
      (json) => ({ ...json, target: { ...json.target, classes: ['a'] } }),
      "has 1 classes, which does not fit task 'binary'",
    ],
    [(json) => ({ ...json, target: { ...json.target, classes: ['a', 'a'] } }), 'holds the same string twice'],
    [(json) => ({ ...json, target: { ...json.target, std: 0 } }), 'preprocessing.target.std must be above 0'],
    [(json) => ({ ...json, features: {} }), 'preprocessing.features must be an array'],
    [
      (json) => ({ ...json, features: [{ ...json.features[0], mean: 'NaN' }] }),
      'preprocessing.features[0].mean must be a finite number',
    ],
    [(json) => ({ ...json, features: [{ ...json.features[0], std: -1 }] }), 'must not be negative'],
    [(json) => ({ ...json, features: [{ ...json.features[0], kind: 'text' }] }), "must be 'numeric' or 'categorical'"],
    [(json) => ({ ...json, features: [json.features[0], json.features[0]] }), "repeats the column 'age'"],
    [
      (json) => ({ ...json, features: [{ kind: 'categorical', name: 't', missing: false, categories: [1] }] }),
      'categories[0] must be a string',
    ],
  ])('is refused if damaged: %#', async (damage, message) => {
    const json = JSON.parse(JSON.stringify((await small()).preprocessing)) as PreprocessingJSON;
    expect(() => preprocessingFromJSON(damage(json))).toThrow(message);
  });

  it('never throws anything but its own error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(() => preprocessingFromJSON(value)).toThrow('The model file is damaged');
      }),
    );
  });
});

describe('tableFromRows', () => {
  it('makes the same table as text', async () => {
    const rows = [
      { a: 1.5, b: 'u', y: true },
      { a: null, b: 'v', y: false },
      { a: 2, y: true },
    ];
    const table = tableFromRows(rows, { target: 'y' });
    expect(table.classes).toEqual(['false', 'true']);
    const text = await parseCsv('a,b,y\n1.5,u,true\n,v,false\n2,,true\n', { target: 'y' });
    expect(table.columns).toEqual(text.columns);
    expect(() => tableFromRows([], { target: 'y' })).toThrow('The table is empty.');
  });
});

describe('describe', () => {
  it('says what each column holds', async () => {
    const table = await parseCsv('id,a,b,y\n1,2,u,0\n2,,v,1\n3,4,v,0\n4,6,,1\n5,8,v,1\n', { target: 'y' });
    expect(table.describe()).toEqual([
      { name: 'a', role: 'feature', kind: 'numeric', missing: 1, distinct: 4, min: 2, max: 8, mean: 5 },
      {
        name: 'b',
        role: 'feature',
        kind: 'categorical',
        missing: 1,
        distinct: 2,
        top: [
          { value: 'v', count: 3 },
          { value: 'u', count: 1 },
        ],
      },
      {
        name: 'y',
        role: 'target',
        kind: 'categorical',
        missing: 0,
        distinct: 2,
        top: [
          { value: '1', count: 3 },
          { value: '0', count: 2 },
        ],
      },
      { name: 'id', role: 'dropped', kind: undefined, missing: 0, distinct: 0, reason: 'it numbers the rows' },
    ]);
  });
});
