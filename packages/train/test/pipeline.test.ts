import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRegistry, type Loss, randomState, relu, type Tensor } from '@kindling/core';
import { type Split, type Table, tableFromRows } from '@kindling/data';
import { encodeSafetensors } from '@kindling/formats';
import losses, { bceLoss, bceWithLogitsLoss, crossEntropyLoss, huberLoss, nllLoss } from '@kindling/losses';
import { accuracy, rmse } from '@kindling/metrics';
import { batchNorm1d, dropout, linear, mlp, Module, sequential } from '@kindling/nn';
import { adam } from '@kindling/optimizers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { evaluate, fit, headFor, loadPipeline, type ModelFile, pipelineFiles, savePipeline, withHead } from '../src/index.js'; // prettier-ignore
import { version } from '../src/version.js';
import { flowers, prices, start } from './common.js';

let folder: string;
beforeEach(async () => {
  start();
  folder = await mkdtemp(join(tmpdir(), 'kindling-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function train(
  table: Table,
  loss: Loss,
  model: (s: Split) => Module,
  epochs = 20,
): Promise<Split & { model: Module; loss: Loss }> {
  // prettier-ignore
  const split = table.split({ validation: 0.1, test: 0.2, seed: 0 });
  const made = model(split);
  const optimizer = adam(made.parameters(), { lr: 0.03 });
  await fit(made, split.train, { loss, optimizer, epochs, batchSize: 16 });
  return { ...split, model: made, loss };
}
const classifier = (table = flowers(), epochs = 20): ReturnType<typeof train> =>
  train(table, crossEntropyLoss({ labelSmoothing: 0.05 }), ({ train: { width, classes } }) =>
    sequential(linear(width, 8), relu, batchNorm1d(8), dropout(0.1), linear(8, classes.length)), epochs); // prettier-ignore

function rowsOf(table: Table, { rows }: Split): Record<string, string | number | null>[] {
  return Array.from(rows.test, (i) => table.row(i));
}

describe('a saved pipeline', () => {
  test('predicts rows as the model does, in the labels of the table', async () => {
    const table = flowers();
    const trained = await classifier(table);
    const out = join(folder, 'model');
    await savePipeline(out, { ...trained, metrics: { accuracy: 0.97 }, info: { seed: 0 } });
    expect((await readdir(out)).sort()).toEqual(['model.json', 'model.safetensors']);
    const before = randomState();
    const pipeline = await loadPipeline(out, { registry: createRegistry(losses) });
    expect(randomState()).toEqual(before);
    expect(pipeline).toMatchObject({ task: 'classification', classes: ['a', 'b', 'c'], output: 'logits' });
    expect(pipeline.file).toMatchObject({ kindling: version, metrics: { accuracy: 0.97 }, info: { seed: 0 } });
    expect(pipeline.loss!.lossName).toBe('crossEntropyLoss');
    expect(pipeline.loss!.options).toEqual({ labelSmoothing: 0.05 });

    const rows = rowsOf(table, trained);
    const predictions = await pipeline.predict(rows);
    const right = predictions.filter(({ prediction }, i) => prediction === rows[i]['species']).length;
    const measured = await evaluate(trained.model, trained.test, { metrics: { accuracy } });
    expect(right / rows.length).toBeCloseTo(measured.accuracy, 10);
    expect(right / rows.length).toBeGreaterThan(0.9);
    const logits = (await trained.model.forward([...trained.test.all()][0].input).toArray()) as number[][];
    predictions.forEach(({ probabilities }, i) => {
      const total = logits[i].reduce((sum, x) => sum + Math.exp(x), 0);
      ['a', 'b', 'c'].forEach((name, c) => {
        expect(probabilities![name]).toBeCloseTo(Math.exp(logits[i][c]) / total, 5);
      });
    });
    // one by one and together are the same numbers
    expect(await pipeline.predict([rows[0]])).toEqual([predictions[0]]);
    expect(await pipeline.predict([])).toEqual([]);
    expect(await pipeline.predict([{ place: 'hill' }])).toHaveLength(1);
    await expect(pipeline.predict([{ plase: 'hill' }])).rejects.toThrow(/Row 1 has a column 'plase'.*'place'/);
  });

  test('of a regression predicts in the units of the target', async () => {
    const table = prices();
    const trained = await train(table, huberLoss(), ({ train: { width } }) => mlp(width, 1, { hidden: [8] }), 40);
    await savePipeline(join(folder, 'model'), trained);
    const pipeline = await loadPipeline(pathToFileURL(join(folder, 'model')));
    const rows = rowsOf(table, trained);
    const predictions = await pipeline.predict(rows);
    const squares = predictions.map(
      ({ prediction }, i) => ((prediction as number) - (rows[i]['price'] as number)) ** 2,
    );
    const measured = await evaluate(trained.model, trained.test, { metrics: { rmse }, loss: trained.loss });
    expect(Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length)).toBeCloseTo(measured.rmse, 2);
    expect(measured.rmse).toBeLessThan(60);
    expect(measured.loss).toBeLessThan(0.1); // standardised
    expect(predictions[0]).not.toHaveProperty('probabilities');
  });

  test.each([
    ['bceWithLogitsLoss', bceWithLogitsLoss()],
    ['bceLoss', bceLoss()],
    ['nllLoss', nllLoss()],
  ] as const)('of a binary task with %s gives both probabilities', async (_, loss) => {
    const table = flowersOfTwo();
    const head = headFor(loss, table.task, 2);
    const trained = await train(table, loss, ({ train: { width } }) => withHead(mlp(width, head.outputs), head) as Module, 15); // prettier-ignore
    await savePipeline(join(folder, 'model'), trained);
    const pipeline = await loadPipeline(join(folder, 'model'));
    const [one] = await pipeline.predict([table.row(0)]);
    expect(one.prediction).toBe('a');
    expect(one.probabilities!['a'] + one.probabilities!['b']).toBeCloseTo(1, 6);
    const options = { metrics: { accuracy }, loss: loss as Loss };
    expect((await evaluate(trained.model, trained.test, options)).accuracy).toBeGreaterThan(0.9);
  });

  test('comes from Blobs and over HTTP as well', async () => {
    const trained = await classifier(flowers(), 2);
    const files = await pipelineFiles(trained);
    const blobs = Object.fromEntries(Object.entries(files).map(([name, part]) => [name, new Blob([part])]));
    const rows = [{ length: 1, width: 0, place: 'lake' }];
    const expected = await (await loadPipeline(blobs)).predict(rows);
    const server = createServer((request, response) => {
      const name = new URL(request.url!, 'http://x').pathname.replace('/models/one/', '');
      const body = files[name as keyof typeof files] as string | Uint8Array | undefined;
      response.statusCode = body === undefined ? 404 : 200;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, resolve));
    try {
      const base = `http://localhost:${(server.address() as AddressInfo).port}/models`;
      expect(await (await loadPipeline(`${base}/one`)).predict(rows)).toEqual(expected);
      expect(await (await loadPipeline(new URL(`${base}/one/`))).predict(rows)).toEqual(expected);
      await expect(loadPipeline(`${base}/two`)).rejects.toThrow(/two\/model.json: status 404/);
    } finally {
      server.close();
    }
    await expect(loadPipeline({ 'model.json': blobs['model.json'] })).rejects.toThrow(/no 'model.safetensors' among/);
  });

  test('of a class of your own needs a new model of it', async () => {
    class Own extends Module {
      readonly layer = linear(4, 3);
      override forward(x: Tensor): Tensor {
        return this.layer.forward(x).mul(2);
      }
    }
    const trained = await train(flowers(), crossEntropyLoss(), () => new Own(), 2);
    await savePipeline(join(folder, 'model'), trained);
    await expect(loadPipeline(join(folder, 'model'))).rejects.toThrow(/pass a new one as \{ model \}/);
    const pipeline = await loadPipeline(join(folder, 'model'), { model: new Own() });
    expect(await pipeline.predict([{ length: 1 }])).toHaveLength(1);
    await expect(loadPipeline(join(folder, 'model'), { model: mlp(4, 3) })).rejects.toThrow(/does not fit the model/);
  });
});

describe('saving', () => {
  test('replaces a model only with force, and keeps what is not of the model', async () => {
    const trained = await classifier(flowers(), 1);
    const out = join(folder, 'model');
    await mkdir(out); // an empty folder is nothing to lose
    await savePipeline(out, { ...trained, files: { 'report.html': '<p>old</p>' } });
    await writeFile(join(out, 'notes.txt'), 'mine');
    await expect(savePipeline(out, trained)).rejects.toThrow(/already holds a model; pass force/);
    await savePipeline(out, { ...trained, force: true });
    expect((await readdir(out)).sort()).toEqual(['model.json', 'model.safetensors', 'notes.txt']);
    expect(await readdir(folder)).toEqual(['model']);
  });

  test('never replaces something else', async () => {
    const trained = await classifier(flowers(), 1);
    await mkdir(join(folder, 'photos'));
    await writeFile(join(folder, 'photos', 'cat.jpg'), '');
    const options = { ...trained, force: true };
    await expect(savePipeline(join(folder, 'photos'), options)).rejects.toThrow(
      /no model folder \(it holds 'cat.jpg'\)/,
    );
    await expect(savePipeline(join(folder, 'photos', 'cat.jpg'), options)).rejects.toThrow(/is a file/);
    const wrong = { ...trained, files: { '../evil': '' } };
    await expect(savePipeline(join(folder, 'x'), wrong)).rejects.toThrow(/'..\/evil' cannot be the name/);
  });

  test.each([1, 2])('that fails leaves the old model, whichever rename fails (%i)', async (failing) => {
    const trained = await classifier(flowers(), 1);
    const out = join(folder, 'model');
    await savePipeline(out, trained);
    const before = await readFile(join(out, 'model.json'), 'utf8');
    const fs = process.getBuiltinModule('node:fs/promises');
    const { rename } = fs;
    let calls = 0;
    vi.spyOn(fs, 'rename').mockImplementation((from, to) => {
      calls += 1;
      return calls === failing ? Promise.reject(Object.assign(new Error('x'), { code: 'EPERM' })) : rename(from, to);
    });
    await expect(savePipeline(out, { ...trained, info: 'new', force: true })).rejects.toThrow(/permission denied/);
    expect(await readFile(join(out, 'model.json'), 'utf8')).toBe(before);
    expect(await readdir(folder)).toEqual(['model']);
  });
});

describe('a damaged or hostile folder is an error that names the place', () => {
  let out: string;
  let file: ModelFile;
  beforeEach(async () => {
    out = join(folder, 'model');
    await savePipeline(out, await classifier(flowers(), 1));
    file = JSON.parse(await readFile(join(out, 'model.json'), 'utf8')) as ModelFile;
  });
  const change = (more: object): Promise<void> =>
    writeFile(join(out, 'model.json'), JSON.stringify({ ...file, ...more }));

  test('model.json', async () => {
    const cases: [object, RegExp][] = [
      [{ format: 'x' }, /not of a Kindling pipeline: its format is "x"/],
      [{ version: 2 }, /version 2 of the format, this release reads version 1/],
      [{ task: 'dance' }, /task is "dance"/],
      [{ classes: [1] }, /classes is not an array of strings/],
      [{ classes: ['a', 'b', 'z'] }, /differ from those of its preprocessing/],
      [{ output: 'dance' }, /output is "dance"/],
      [{ metrics: 3 }, /metrics/],
      [{ loss: 'x' }, /loss is neither/],
      [{ preprocessing: {} }, /preprocessing.version/],
      [{ architecture: 'x' }, /architecture is neither/],
      [{ architecture: { type: 'linear', inputs: 4 } }, /architecture.outputs must be/],
      [{ architecture: { type: 'linear', inputs: 2 ** 40, outputs: 2 } }, /architecture.inputs must be/],
      [{ architecture: { type: 'linear', inputs: 4, outputs: 3 } }, /does not fit the model; missing/],
    ];
    for (const [more, message] of cases) {
      await change(more);
      await expect(loadPipeline(out)).rejects.toThrow(message);
    }
    await writeFile(join(out, 'model.json'), '{"format": ');
    await expect(loadPipeline(out)).rejects.toThrow(/model.json is damaged: it is not JSON/);
    await writeFile(join(out, 'model.json'), Uint8Array.of(0xff, 0xfe, 0));
    await expect(loadPipeline(out)).rejects.toThrow(/model.json is damaged/);
  });

  test('model.safetensors', async () => {
    const path = join(out, 'model.safetensors');
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, 40));
    await expect(loadPipeline(out)).rejects.toThrow(/Safetensors: .*truncated/);
    await writeFile(
      path,
      encodeSafetensors({ '0.weight': { data: new Float32Array(4), shape: [4], dtype: 'float32' } }),
    );
    await expect(loadPipeline(out)).rejects.toThrow(/'0.weight' has shape \[4\]/);
    await rm(path);
    await expect(loadPipeline(out)).rejects.toThrow(/no model folder: it has no model.safetensors/);
    await expect(loadPipeline(join(folder, 'none'))).rejects.toThrow(/there is no folder/);
  });

  test('weights that are not finite', async () => {
    const path = join(out, 'model.safetensors');
    const bytes = await readFile(path);
    bytes.fill(0xff, bytes.length - 4);
    await writeFile(path, bytes);
    const pipeline = await loadPipeline(out);
    await expect(pipeline.predict([{ length: 1 }])).rejects.toThrow(/the model computes NaN for row 1/);
  });

  test('a model that does not fit its preprocessing or task', async () => {
    await change({ architecture: { type: 'linear', inputs: 7, outputs: 3 } });
    const weights = { weight: { data: new Float32Array(21), shape: [3, 7], dtype: 'float32' as const }, bias: { data: new Float32Array(3), shape: [3], dtype: 'float32' as const } }; // prettier-ignore
    await writeFile(join(out, 'model.safetensors'), encodeSafetensors(weights));
    await expect(loadPipeline(out)).rejects.toThrow(/does not take the 4 inputs of its preprocessing/);
    await change({ architecture: { type: 'linear', inputs: 4, outputs: 2 } });
    const fewer = { weight: { data: new Float32Array(8), shape: [2, 4], dtype: 'float32' as const }, bias: { data: new Float32Array(2), shape: [2], dtype: 'float32' as const } }; // prettier-ignore
    await writeFile(join(out, 'model.safetensors'), encodeSafetensors(fewer));
    await expect(loadPipeline(out)).rejects.toThrow(/gives \[1, 2\] for a row, which does not fit 3 classes/);
  });
});

test('the version in model files is that of the package', async () => {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(version).toBe(manifest.version);
});

function flowersOfTwo(): Table {
  const three = flowers();
  return tableFromRows(
    Array.from({ length: three.rows }, (_, i) => three.row(i)).filter((row) => row['species'] !== 'c'),
    { target: 'species' },
  );
}
