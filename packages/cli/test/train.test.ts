import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineLoss, type Tensor } from '@kindling/core';
import { describe, expect, it } from 'vitest';
import { data, folder, kindling, registryOf } from './harness.js';

const iris = data('iris');
const short = ['train', iris, '--target', 'species', '--epochs', '4'];

describe('train', () => {
  it('writes a model with its report, and says how good it is', async () => {
    const cwd = folder();
    const { code, out, err } = await kindling([...short, '--out', 'm'], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/✓ trained in .* 4 epochs/);
    expect(out).toMatch(/accuracy +\d/);
    expect(out).toMatch(/Next +kindling predict m new\.csv/);
    expect(err).toMatch(
      /97 rows for training, 23 for validation, 30 for the test; crossEntropyLoss, adam \(lr 0\.001\)/,
    );
    expect(err).toMatch(/epochs 1\/4 {2}loss \d/);
    expect(readdirSync(cwd)).toEqual(['m']);
    expect(readdirSync(join(cwd, 'm')).sort()).toEqual(['model.json', 'model.safetensors', 'report.html']);
    const model = JSON.parse(readFileSync(join(cwd, 'm/model.json'), 'utf8')) as { info: { command: string; packages: object } }; // prettier-ignore
    expect(model.info.command).toBe(`kindling train ${iris} --target species --epochs 4 --out m`);
    expect(model.info.packages).toEqual({ kindling: '1.2.3' });
  });

  it('hands the decimal sign of its table on to what comes next', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'german.csv'), readFileSync(iris, 'utf8').replaceAll(',', ';').replaceAll('.', ','));
    const german = ['german.csv', '--target', 'species', '--decimal', 'comma'];
    const { out } = await kindling(['train', ...german, '--epochs', '1', '--out', 'my model'], { cwd });
    expect(out).toMatch(/Next +kindling predict 'my model' new\.csv --decimal comma/);
  });

  it('with --json writes exactly one object, with the held-out metrics under their names', async () => {
    const cwd = folder();
    const { json } = await kindling([...short, '--json'], { cwd });
    expect(json).toMatchObject({
      task: 'classification',
      loss: 'crossEntropyLoss',
      optimizer: 'adam',
      lr: 0.001,
      heldOut: 'test',
      rows: { training: 97, validation: 23, test: 30 },
      epochs: 4,
      stopped: 'finished',
      model: 'model',
    });
    for (const name of ['accuracy', 'f1', 'precision', 'recall', 'logLoss']) expect(json[name]).toBeTypeOf('number');
    const regression = await kindling(['train', data('diabetes'), '--target', 'progression', '--epochs', '2', '--json'], { cwd }); // prettier-ignore
    for (const name of ['r2', 'rmse', 'mae']) expect(regression.json[name]).toBeTypeOf('number');
  });

  it('never overwrites where no folder is named', async () => {
    const cwd = folder();
    await kindling(short, { cwd });
    const { json } = await kindling([...short, '--json'], { cwd });
    expect(json['model']).toBe('model-2');
    expect(readdirSync(cwd)).toEqual(['model', 'model-2']);
  });

  it('replaces a model with --force, and takes an empty folder as it is', async () => {
    const cwd = folder();
    await kindling([...short, '--out', 'm'], { cwd });
    const first = readFileSync(join(cwd, 'm/model.json'), 'utf8');
    expect((await kindling([...short, '--out', 'm', '--force', '--seed', '1'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'm/model.json'), 'utf8')).not.toBe(first);
    const { code } = await kindling([...short, '--out', folder()], { cwd });
    expect(code).toBe(0);
  });

  it('gives the same model for the same seed, and another for another', async () => {
    const cwd = folder();
    const weights = async (out: string, seed: string): Promise<Buffer> => {
      await kindling([...short, '--out', out, '--seed', seed], { cwd });
      return readFileSync(join(cwd, out, 'model.safetensors'));
    };
    const [a, b, c] = [await weights('a', '3'), await weights('b', '3'), await weights('c', '4')];
    expect(a.equals(b)).toBe(true);
    expect(a.equals(c)).toBe(false);
  });

  it('passes options of loss and optimizer on, whatever their type', async () => {
    const cwd = folder();
    const { code } = await kindling(
      [...short, '--loss.label-smoothing=0.1', '--loss.weight', '1,2,3', '--optimizer', 'sgd', '--optimizer.nesterov', '--optimizer.momentum', '0.9', '--lr', '0.05', '--out', 'm'], // prettier-ignore
      { cwd },
    );
    expect(code).toBe(0);
    const { loss, info } = JSON.parse(readFileSync(join(cwd, 'm/model.json'), 'utf8')) as { loss: object; info: { command: string; settings: { optimizer: object } } }; // prettier-ignore
    expect(loss).toEqual({ name: 'crossEntropyLoss', options: { labelSmoothing: 0.1, weight: [1, 2, 3] } });
    expect(info.settings.optimizer).toEqual({ name: 'sgd', options: { lr: 0.05, nesterov: true, momentum: 0.9 } });
    expect(info.command).toContain('--loss.label-smoothing 0.1 --loss.weight 1,2,3 --optimizer.nesterov true');
  });

  it.each([
    ['lbfgs', '--optimizer.line-search-fn', 'strong_wolfe', '--optimizer.max-iter', '4', '--optimizer.max-eval', '8'],
    ['sam', '--lr', '0.1', '--optimizer.momentum', '0.9', '--optimizer.rho', '0.01'],
    ['prodigy', '--optimizer.d0', '0.01'],
    ['scheduleFreeAdamW', '--lr', '0.05'],
  ])('trains with %s, which is no special case', async (optimizer, ...more) => {
    const args = ['train', iris, '--target', 'species', '--epochs', '8', '--optimizer', optimizer, ...more, '--json'];
    const { code, err, json } = await kindling(args, { cwd: folder() });
    expect(err).not.toMatch(/error/);
    expect(code).toBe(0);
    expect(json['accuracy']).toBeGreaterThan(0.8);
  });

  it.each([
    ['bceWithLogitsLoss', '--class-weight', 'balanced'],
    ['bceLoss', '--hidden', ''],
    ['crossEntropyLoss', '--class-weight', 'balanced'],
    ['nllLoss', '--dropout', '0.2'],
    ['sparseCategoricalCrossEntropy', '--activation', 'tanh'],
    ['categoricalCrossEntropy', '--batch-size', '1000'],
  ])('puts the right head on for %s', async (loss, ...more) => {
    const cwd = folder();
    const { code, err, json } = await kindling(['train', data('breast-cancer'), '--target', targetOf('breast-cancer'), '--loss', loss, ...more, '--epochs', '6', '--lr', '0.01', '--json'], { cwd }); // prettier-ignore
    expect(err).not.toMatch(/error/);
    expect(code).toBe(0);
    expect(json['accuracy']).toBeGreaterThan(0.85);
    expect(json['rocAuc']).toBeGreaterThan(0.9);
  });

  it('scores by folds and then trains on all rows', async () => {
    const cwd = folder();
    const { json, err } = await kindling([...short, '--folds', '3', '--json'], { cwd });
    expect(json).toMatchObject({ heldOut: 'folds', rows: { training: 127, validation: 23, test: 0 } });
    const folds = json['folds'] as { count: number; mean: { accuracy: number }; scores: object[] };
    expect(folds.scores).toHaveLength(3);
    expect(json['accuracy']).toBe(folds.mean.accuracy);
    expect(err).toMatch(/folds 3\/3/);
  });

  it('reads standard input', async () => {
    const { code } = await kindling(['train', '-', '--target', 'species', '--epochs', '1'], { cwd: folder(), input: readFileSync(iris, 'utf8') }); // prettier-ignore
    expect(code).toBe(0);
  });

  it('takes settings from a file, where flags win', async () => {
    const cwd = folder();
    const config = { target: 'species', epochs: 50, batchSize: 16, 'loss.label-smoothing': 0.2, optimizer: 'sgd', 'optimizer.momentum': 0.5 }; // prettier-ignore
    writeFileSync(join(cwd, 'c.json'), JSON.stringify(config));
    const given = ['train', iris, '--config', 'c.json', '--epochs', '3'];
    const { json } = await kindling([...given, '--print-config'], { cwd });
    expect(json).toMatchObject({ target: 'species', epochs: 3, 'batch-size': 16, loss: 'crossEntropyLoss', optimizer: 'sgd', 'loss.label-smoothing': 0.2, 'optimizer.momentum': 0.5 }); // prettier-ignore
    expect(readdirSync(cwd)).toEqual(['c.json']);
    // what is printed can be given back
    writeFileSync(join(cwd, 'again.json'), JSON.stringify(json));
    const again = await kindling(['train', iris, '--config', 'again.json', '--print-config'], { cwd });
    expect(again.json).toEqual(json);
    // another optimizer leaves the options of the file's behind
    const other = await kindling([...given, '--optimizer', 'adam', '--print-config'], { cwd });
    expect(other.json).not.toHaveProperty(['optimizer.momentum']);
    const trained = await kindling([...given, '--json'], { cwd });
    expect(trained.json).toMatchObject({ epochs: 3, optimizer: 'sgd' });
  });

  it('after Ctrl-C keeps a checkpoint, and goes on from it as if nothing had happened', async () => {
    const cwd = folder();
    const argv = ['train', iris, '--target', 'species', '--epochs', '60', '--dropout', '0.1', '--out', 'm'];
    let press: (() => void) | undefined;
    const stopped = await kindling(argv, {
      cwd,
      interrupts: (listener) => {
        press = listener;
        return () => (press = undefined);
      },
      stderr: { write: (s) => s.includes('epochs 18/60') && press?.() },
    });
    expect(stopped.code).toBe(130);
    expect(press).toBeUndefined();
    expect(readdirSync(cwd)).toEqual(['m.checkpoint']);
    const resumed = await kindling([...argv, '--resume', '--json'], { cwd });
    expect(resumed.code).toBe(0);
    expect(readdirSync(cwd)).toEqual(['m']);
    const whole = await kindling([...argv.slice(0, -1), 'whole', '--json'], { cwd });
    expect(resumed.json['logLoss']).toBe(whole.json['logLoss']);
    const weights = (name: string): Buffer => readFileSync(join(cwd, name, 'model.safetensors'));
    expect(weights('m').equals(weights('whole'))).toBe(true);
  });

  it('says how to resume, and refuses to with other settings or other rows', async () => {
    const cwd = folder();
    const copy = join(cwd, 'iris.csv');
    writeFileSync(copy, readFileSync(iris));
    const argv = ['train', 'iris.csv', '--target', 'species', '--epochs', '500', '--patience', '0', '--out', 'm'];
    const stopped = await kindling(argv, { cwd, interrupts: (listener) => (setTimeout(listener, 150), () => {}) });
    expect(stopped.code).toBe(130);
    expect(stopped.err).toMatch(/the checkpoint is in m\.checkpoint\. To go on:\n {2}kindling train iris\.csv --target species --epochs 500 --patience 0 --out m --resume/); // prettier-ignore
    const other = await kindling([...argv, '--hidden', '8', '--resume'], { cwd });
    expect(other.code).toBe(2);
    expect(other.err).toMatch(/other settings \(hidden\).*To go on:\n {2}kindling train iris\.csv/s);
    writeFileSync(copy, `${readFileSync(iris, 'utf8')}5,3,1,0.2,setosa\n`);
    const rows = await kindling([...argv, '--resume'], { cwd });
    expect(rows.err).toMatch(/the data is not what the run in m\.checkpoint was started with/);
    expect(existsSync(join(cwd, 'm.checkpoint'))).toBe(true);
  });

  it('a loss that becomes NaN ends it with code 1, the step and the operation', async () => {
    const cwd = folder();
    const { code, err, out } = await kindling(['train', data('diabetes'), '--target', 'progression', '--optimizer', 'sgd', '--lr', '1e30', '--out', 'm'], { cwd }); // prettier-ignore
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toMatch(/error: step \d+ .*became .* in the operation '/);
    expect(readdirSync(cwd)).toEqual([]); // nothing good had been computed
  });

  it('what helps is said as flags, and the optimizer has a say', async () => {
    const lbfgs = ['train', data('penguins'), '--target', 'species', '--optimizer', 'lbfgs', '--out', 'm'];
    const { code, err } = await kindling(lbfgs, { cwd: folder() });
    expect(code).toBe(1);
    expect(err).toMatch(/^lbfgs is steadier with --optimizer\.line-search-fn strong_wolfe; a smaller --lr/m);
    const flags = /with (.*);/.exec(err)![1].split(' ');
    expect((await kindling([...lbfgs, ...flags, '--epochs', '2'], { cwd: folder() })).code).toBe(0);
  });

  it('then keeps the last good checkpoint', async () => {
    const cwd = folder();
    const argv = [
      'train',
      data('cars'),
      '--target',
      'miles_per_gallon',
      '--loss',
      'suddenLoss',
      '--lr',
      '0.0002',
      '--out',
      'm',
    ];
    // the square root of a negative number, once a batch is good enough: a model that trains into a corner
    const suddenLoss = defineLoss({
      name: 'suddenLoss',
      task: 'regression',
      output: 'value',
      options: {},
      compute: (_: object, input: Tensor, target: Tensor) => {
        const square = input.sub(target).pow(2);
        return square.add(square.mean().sub(0.15).sqrt().mul(0));
      },
    });
    const { code, err } = await kindling(argv, { cwd, registry: registryOf(suddenLoss) });
    expect(err).toMatch(/last good checkpoint is in m\.checkpoint/);
    expect(code).toBe(1);
    expect(readdirSync(cwd)).toEqual(['m.checkpoint']);
    expect(readdirSync(join(cwd, 'm.checkpoint'))).toHaveLength(2);
  });
});

function targetOf(name: string): string {
  return readFileSync(data(name), 'utf8').split('\n')[0].trim().split(',').at(-1)!;
}
