import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { data, folder, kindling } from './harness.js';

const iris = data('iris');
const rows = (cell: (i: number) => string): string => `a,b\n${Array.from({ length: 30 }, (_, i) => `${i},${cell(i)}\n`).join('')}`; // prettier-ignore
const utf16 = Buffer.from('\ufeffa,b\n1,2\n', 'utf16le');

/** Each: what is wrong, the arguments, what the message says, and the files that are there before. */
const cases: [name: string, argv: string[], message: RegExp, files?: Record<string, string | Uint8Array>][] = [
  ['a missing file', ['train', 'nope.csv', '--target', 'x'], /cannot read nope\.csv: there is no such file/],
  ['a folder for a file', ['train', '.', '--target', 'x'], /it is a folder/],
  ['an empty file', ['train', 'd.csv', '--target', 'b'], /d\.csv is empty/, { 'd.csv': '' }],
  ['a header only', ['train', 'd.csv', '--target', 'b'], /has a header but no rows/, { 'd.csv': 'a,b\n' }],
  ['a ragged file', ['train', 'd.csv', '--target', 'b'], /line 3: 1 cell, but the header has 2/, { 'd.csv': 'a,b\n1,2\n3\n' }], // prettier-ignore
  ['a binary file', ['train', 'd.csv', '--target', 'b'], /is binary data/, { 'd.csv': Uint8Array.from({ length: 500 }, (_, i) => i & 255) }], // prettier-ignore
  ['a UTF-16 file', ['train', 'd.csv', '--target', 'b'], /UTF-16/, { 'd.csv': utf16 }],
  ['no target', ['train', iris], /needs --target <column>.*the columns are sepal_length.*species/],
  ['an unknown target', ['train', iris, '--target', 'specis'], /no target column 'specis'; did you mean 'species'\?/],
  ['an unknown column to drop', ['train', iris, '--target', 'species', '--drop', 'petal_widht'], /did you mean 'petal_width'\?/], // prettier-ignore
  ['a target of one class', ['train', 'd.csv', '--target', 'b'], /one class only/, { 'd.csv': rows(() => 'x') }],
  ['NaN in the target', ['train', 'd.csv', '--target', 'b'], /NaN or infinite in 1 row \(line 9\).*--drop-missing-target/, { 'd.csv': rows((i) => (i === 7 ? 'NaN' : `${i}.5`)) }], // prettier-ignore
  ['infinity in the target', ['compare', 'd.csv', '--target', 'b'], /NaN or infinite/, { 'd.csv': rows((i) => (i === 7 ? 'inf' : `${i}.5`)) }], // prettier-ignore
  ['decimal commas in the target', ['train', 'd.csv', '--target', 'b'], /decimal comma, such as '0,5': read them with --decimal comma/, { 'd.csv': rows((i) => `"${i},5"`) }], // prettier-ignore
  ['a target that is no number by its signs', ['train', 'd.csv', '--target', 'b'], /too many to be classes.*for a regression '\$0\.50' \(line 2\) would have to be a number/, { 'd.csv': rows((i) => `$${i}.50`) }], // prettier-ignore
  ['a decimal sign that is none', ['train', iris, '--target', 'species', '--decimal', 'dot'], /--decimal must be a comma or a point.*got 'dot'/], // prettier-ignore
  ['too few rows', ['train', 'd.csv', '--target', 'b'], /2 rows are too few/, { 'd.csv': 'a,b\n1,x\n2,y\n' }],
  ['an unknown command', ['trian', iris], /no command 'trian'; did you mean 'train'\?/],
  ['a missing argument', ['train'], /<data\.csv> is missing/],
  ['too many arguments', ['train', iris, iris, '--target', 'species'], /iris\.csv' is too many: usage is 'kindling train <data\.csv>'/], // prettier-ignore
  ['a list with spaces', ['train', iris, '--target', 'species', '--hidden', '64', '32', '16'], /'32', '16' are too many: .*lists are written with commas, a,b/], // prettier-ignore
  ['a list that is none', ['train', iris, '--target', 'species', '--hidden', '64x32'], /--hidden must be whole numbers .*, got '64x32'/], // prettier-ignore
  ['the option of an optimizer as a flag', ['train', iris, '--target', 'species', '--momentum', '0.9'], /no option '--momentum'; did you mean '--optimizer\.momentum'\?/], // prettier-ignore
  ['an option that plugins of several kinds have', ['train', iris, '--target', 'species', '--gamma', '2'], /did you mean '--loss\.gamma' or '--schedule\.gamma'\?/], // prettier-ignore
  ['a misspelt option of an optimizer as a flag', ['train', iris, '--target', 'species', '--momentun', '0.9'], /did you mean '--optimizer\.momentum'\?/], // prettier-ignore
  ['what a flag is described by', ['train', iris, '--target', 'species', '--learning_rate', '0.1'], /no option '--learning_rate'; did you mean '--lr'\?/], // prettier-ignore
  ['a flag that nobody means', ['train', iris, '--target', 'species', '--quiet'], /no option '--quiet'; see 'kindling train --help'/], // prettier-ignore
  ['options that do not go together', ['train', iris, '--target', 'species', '--optimizer', 'sgd', '--optimizer.nesterov'], /^error: sgd: nesterov needs a momentum/], // prettier-ignore
  ['a table without a name', ['train', '', '--target', 'species'], /the name of the table is empty/],
  ['an optimizer as a flag', ['train', iris, '--target', 'species', '--SGD'], /no option '--SGD'; did you mean '--optimizer sgd'\?/], // prettier-ignore
  ['an optimizer as a flag, to be compared', ['compare', iris, '--target', 'species', '--adam'], /did you mean '--optimizers adam'\?/], // prettier-ignore
  ['a loss as a flag, to be compared', ['compare', iris, '--target', 'species', '--mseLoss'], /did you mean '--losses mseLoss'\?/], // prettier-ignore
  ['help for an unknown command', ['help', 'trian'], /no command 'trian'; did you mean 'train'\?/],
  ['an unknown kind', ['plugins', '--kind', 'optimzer'], /--kind must be one of loss, .* did you mean 'optimizer'\?/],
  ['another separator', ['train', 'd.csv', '--target', 'b'], /no target column 'b': its first line is one column, 'a b'; .* commas/, { 'd.csv': 'a b\n1 2\n' }], // prettier-ignore
  ['more folds than rows', ['train', iris, '--target', 'species', '--folds', '500'], /--folds must be at most 150, .*, got 500/], // prettier-ignore
  ['model and table exchanged', ['evaluate', iris, 'm'], /iris\.csv is a file; a model is the folder/, { 'm/model.json': '{}' }], // prettier-ignore
  ['an unknown flag', ['train', iris, '--target', 'species', '--epoch', '3'], /no option '--epoch'; did you mean '--epochs'\?/], // prettier-ignore
  [
    'a flag without its value',
    ['train', iris, '--target', 'species', '--epochs'],
    /--epochs needs a value: --epochs <n>; see/,
  ],
  ['no number', ['train', iris, '--target', 'species', '--epochs', 'many'], /--epochs must be a whole number from 1.*got 'many'/], // prettier-ignore
  ['a flag out of range', ['train', iris, '--target', 'species', '--lr', '-1'], /--lr must be a number greater than 0, got -1/], // prettier-ignore
  ['shares that leave nothing', ['train', iris, '--target', 'species', '--test', '0.9', '--validation', '0.2'], /leave no row of 150 for training/], // prettier-ignore
  ['an unknown loss', ['train', iris, '--target', 'species', '--loss', 'crossEntropy'], /no loss 'crossEntropy'; did you mean 'crossEntropyLoss'\?/], // prettier-ignore
  ['an unknown optimizer', ['train', iris, '--target', 'species', '--optimizer', 'adm'], /no optimizer 'adm'; did you mean 'adam'\?/], // prettier-ignore
  ['an optimizer for matrices only', ['train', iris, '--target', 'species', '--optimizer', 'muon'], /'muon' cannot train the biases .*choose another --optimizer/], // prettier-ignore
  ['one among those compared', ['compare', iris, '--target', 'species', '--optimizers', 'sgd,muon'], /'muon' cannot train the biases .*choose another --optimizers/], // prettier-ignore
  ['an unknown backend', ['train', iris, '--target', 'species', '--backend', 'cpuu'], /no backend 'cpuu'; did you mean 'cpu'\?/], // prettier-ignore
  ['a backend that nobody means', ['train', iris, '--target', 'species', '--backend', 'gpu'], /no backend 'gpu'; there are cpu$/m], // prettier-ignore
  ['an unknown metric', ['train', iris, '--target', 'species', '--metric', 'acuracy'], /did you mean 'accuracy'\?/],
  ['a metric of another task', ['train', iris, '--target', 'species', '--metric', 'rmse'], /does not measure classification/], // prettier-ignore
  ['a report among the scores', ['train', iris, '--target', 'species', '--metrics', 'accuracy,rocCurve'], /'rocCurve' is not one number; 'kindling evaluate <model> <data\.csv> --metrics rocCurve' shows it/], // prettier-ignore
  ['a report that shall choose', ['train', iris, '--target', 'species', '--metric', 'rocCurve'], /'rocCurve' is not one number of which more, or less, is better/], // prettier-ignore
  ['an unknown activation', ['train', iris, '--target', 'species', '--activation', 'rellu'], /did you mean 'relu'\?/],
  ['an unknown option of a loss', ['train', iris, '--target', 'species', '--loss.label-smothing', '1'], /crossEntropyLoss has no option 'label-smothing'; did you mean 'label-smoothing'\?/], // prettier-ignore
  ['an option of another loss', ['train', iris, '--target', 'species', '--loss.delta', '1'], /crossEntropyLoss has no option 'delta'/], // prettier-ignore
  ['an option of a loss out of range', ['train', iris, '--target', 'species', '--loss.label-smoothing', '7'], /--loss\.label-smoothing must be at least 0 and at most 1, got 7/], // prettier-ignore
  ['an option of an optimizer of the wrong type', ['train', iris, '--target', 'species', '--optimizer.weight-decay', 'much'], /--optimizer\.weight-decay must be a number, got "much"/], // prettier-ignore
  ['weights of another number of classes', ['train', iris, '--target', 'species', '--loss.weight', '1,2'], /weight has shape \[2\].*3 classes/], // prettier-ignore
  ['a loss that does not fit', ['train', iris, '--target', 'species', '--loss', 'mseLoss'], /'mseLoss' is for regression, but the task is classification; losses that fit: crossEntropyLoss/], // prettier-ignore
  ['a binary loss for three classes', ['compare', iris, '--target', 'species', '--losses', 'bceWithLogitsLoss'], /is for binary or multilabel/], // prettier-ignore
  ['a loss that cannot train', ['train', iris, '--target', 'species', '--loss.reduction', 'none'], /reduction must be mean or sum/], // prettier-ignore
  ['a task that does not fit', ['train', iris, '--target', 'species', '--task', 'regression'], /holds words/],
  ['class weights that are none', ['train', iris, '--target', 'species', '--class-weight', 'foo'], /--class-weight must be 'balanced', got 'foo'; weights of your own are --loss\.weight <n,n>/], // prettier-ignore
  ['class weights for numbers', ['train', iris, '--target', 'sepal_length', '--class-weight', 'balanced'], /for classes/], // prettier-ignore
  ['an output that is there', ['train', iris, '--target', 'species', '--out', 'm'], /the output m exists.*--force/, { 'm/model.json': '{}' }], // prettier-ignore
  ['an output that is no model', ['train', iris, '--target', 'species', '--out', 'm', '--force'], /is no model folder/, { 'm/letter.txt': 'dear' }], // prettier-ignore
  ['an output that is a file', ['train', iris, '--target', 'species', '--out', 'm'], /is a file/, { m: 'x' }],
  ['an output below a file', ['train', iris, '--target', 'species', '--out', 'm/n'], /part of its path is a file/, { m: 'x' }], // prettier-ignore
  ['an output that cannot be made', ['train', iris, '--target', 'species', '--out', '/proc/nothing/m'], /cannot (make|write)/], // prettier-ignore
  ['an unfinished run in the way', ['train', iris, '--target', 'species', '--out', 'm'], /unfinished run in m\.checkpoint; go on with --resume/, { 'm.checkpoint/run.json': '{}' }], // prettier-ignore
  ['nothing to resume', ['train', iris, '--target', 'species', '--out', 'm', '--resume'], /no unfinished run in m\.checkpoint/], // prettier-ignore
  ['a damaged run', ['train', iris, '--target', 'species', '--out', 'm', '--resume'], /damaged/, { 'm.checkpoint/run.json': '{' }], // prettier-ignore
  ['a report that is there', ['compare', iris, '--target', 'species', '--report', 'r.html'], /the report r\.html exists/, { 'r.html': 'x' }], // prettier-ignore
  ['a time that is none', ['compare', iris, '--target', 'species', '--time-limit', 'soon'], /a time such as 30s/],
  ['an option that no optimizer has', ['compare', iris, '--target', 'species', '--optimizer.momentu', '1'], /none of sgd, adam.* has the option 'momentu'/], // prettier-ignore
  ['a missing configuration', ['train', iris, '--config', 'c.json'], /cannot read the configuration c\.json/],
  ['a broken configuration', ['train', iris, '--config', 'c.json'], /c\.json is not JSON.*line 1/, { 'c.json': '{ oops }' }], // prettier-ignore
  ['a configuration of another form', ['train', iris, '--config', 'c.json'], /must hold one JSON object.*not an array/, { 'c.json': '[]' }], // prettier-ignore
  ['an unknown key', ['train', iris, '--config', 'c.json'], /unknown key "epoch"; did you mean 'epochs'\?/, { 'c.json': '{"epoch": 3}' }], // prettier-ignore
  ['a wrong value', ['train', iris, '--config', 'c.json'], /"epochs" must be a whole number.*got 'three'/, { 'c.json': '{"epochs": "three"}' }], // prettier-ignore
  ['an unknown option in a configuration', ['train', iris, '--config', 'c.json'], /"loss\.labelSmothing".*did you mean 'label-smoothing'\?/, { 'c.json': '{"target":"species","loss.labelSmothing":0.1}' }], // prettier-ignore
  ['a model that is not there', ['predict', 'm', iris], /cannot open the model m: there is no such file or folder/],
  ['a model that is a file', ['predict', 'm', iris], /m is a file; a model is the folder/, { m: 'x' }],
  ['a folder that is no model', ['evaluate', 'm', iris], /m is no model: it has no model\.json/, { 'm/x': 'x' }],
  ['nothing to inspect', ['inspect', 'nope'], /cannot read nope/],
  ['an unknown plugin', ['plugins', 'adamm'], /nothing registered as 'adamm'; did you mean 'adam'\?/],
];

describe('bad input', () => {
  it.each(cases)('%s: exit code 2, a message, nothing written', async (_name, argv, message, files = {}) => {
    const cwd = folder();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(cwd, path, '..'), { recursive: true });
      writeFileSync(join(cwd, path), content);
    }
    const before = contents(cwd);
    const { code, out, err } = await kindling(argv, { cwd });
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: /m);
    expect(err, 'a stack trace').not.toMatch(/\n\s+at /);
    expect(err).not.toMatch(/unexpected|undefined|\[object/);
    expect(out).toBe('');
    expect(code).toBe(2);
    expect(contents(cwd)).toEqual(before);
  });

  it('with --json, standard output holds one object that says what is wrong', async () => {
    const { code, json, err } = await kindling(['train', 'nope.csv', '--target', 'x', '--json']);
    expect(code).toBe(2);
    expect(json).toEqual({ error: 'cannot read nope.csv: there is no such file or folder', exitCode: 2 });
    expect(err).toMatch(/cannot read/);
  });

  it('an unexpected error is one line and a request to report it; --debug shows the place', async () => {
    const registry = (): never => {
      throw new TypeError('x is not a function');
    };
    const short = await kindling(['plugins'], { registry });
    expect(short.code).toBe(1);
    expect(short.err).toMatch(/something unexpected happened: x is not a function\n.*report/);
    expect(short.err).not.toMatch(/\n\s+at /);
    const long = await kindling(['plugins', '--debug'], { registry });
    expect(long.err).toMatch(/TypeError: x is not a function\n\s+at /);
  });
});

/** Everything below a folder: files with what they hold, and folders. */
function contents(root: string): Record<string, string | null> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isDirectory() ? null : readFileSync(path, 'latin1')];
    }),
  );
}
