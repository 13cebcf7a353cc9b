import { describe, expect, it } from 'vitest';
import { table } from '../src/console/table.js';
import { valueTables } from '../src/console/valueTables.js';

const classes = ['cat', 'dog'];
const show = (value: unknown): string | undefined =>
  valueTables('name', value, classes)
    ?.map(({ title, columns, rows, note }) =>
      [title, table(columns, rows), ...(note === undefined ? [] : [note])].join('\n'),
    )
    .join('\n');

describe('values of metrics as tables', () => {
  it('scores of each class and of groups of them, as a classification report has them', () => {
    const scores = (precision: number, support: number) => ({ precision, support });
    expect(show({ classes: [scores(1, 2), scores(0.25, 3)], macro: scores(0.625, 5) })).toBe(
      `name
         precision  support
  cat            1        2
  dog       0.2500        3
  macro     0.6250        5`,
    );
  });
  it('a list of as many numbers as classes', () => {
    expect(show([0.5, 1])).toBe('name\n        value\n  cat  0.5000\n  dog       1');
    expect(show(Float64Array.of(1, 2, 3))).toBe('name\n     value\n  0      1\n  1      2\n  2      3');
  });
  it('a matrix', () => expect(show([[12, 0], [1, 7]])).toBe('name\n       cat  dog\n  cat   12    0\n  dog    1    7')); // prettier-ignore
  it('a curve, with what is known of all of it', () =>
    expect(show({ rate: [0, 1], threshold: [Infinity, -2], auc: 0.75 })).toBe(
      'name, auc 0.7500\n  rate  threshold\n     0          ∞\n     1         -2',
    ));
  it('one for each class', () =>
    expect(show([{ x: [1], auc: 1 }, { x: [2], auc: 0 }])).toBe('name: cat, auc 1\n  x\n  1\nname: dog, auc 0\n  x\n  2')); // prettier-ignore
  it('some points of a long one, with both ends', () => {
    const shown = show({ x: Array.from({ length: 1001 }, (_, i) => i) })!;
    expect(shown).toMatch(/^name\n +x\n +0\n/);
    expect(shown).toMatch(/\n 1000\n|\n +1000\n20 of 1,001 points; --json has all$/);
    expect(shown.split('\n')).toHaveLength(23);
  });
  it.each([[{ text: 'x' }], [['a']], [null], [{ a: [1], b: [1, 2] }]])(
    'nothing for what has no such form: %j',
    (value) => expect(show(value)).toBeUndefined(),
  );
});
