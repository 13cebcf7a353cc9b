import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualSeed, type Optimizer, relu, type Schedule } from '@kindling/core';
import { crossEntropyLoss } from '@kindling/losses';
import { accuracy } from '@kindling/metrics';
import { batchNorm1d, dropout, linear, type Module, sequential } from '@kindling/nn';
import { adam, chainedScheduler, cosineAnnealingLR, linearLR, reduceLROnPlateau, rmsprop, sequentialLR, sgd } from '@kindling/optimizers'; // prettier-ignore
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CheckpointStore,
  type Epoch,
  fit,
  type FitOptions,
  type FitResult,
  type LrFunction,
} from '../src/index.js';
import { greater, memoryStore, start } from './common.js';

beforeEach(() => {
  start();
});

const optimizers = {
  adam: (m: Module) => adam(m.parameters(), { lr: 0.02, amsgrad: true }),
  sgd: (m: Module) => sgd(m.parameters(), { lr: 0.05, momentum: 0.9, nesterov: true }),
};

const schedules = {
  adam:
    () =>
    ({ step, lr }) =>
      lr / (1 + 0.02 * step),
  sgd: (o) => {
    const rise = linearLR(o, { totalIters: 3 });
    const fall = cosineAnnealingLR(o, { tMax: 40 });
    return chainedScheduler(o, {
      schedules: [sequentialLR(o, { schedules: [rise, fall], milestones: [3] }), reduceLROnPlateau(o, { patience: 1 })],
      interval: 'epoch',
    });
  },
} satisfies Record<string, (o: Optimizer) => Schedule | LrFunction>;

/** Everything that can go wrong at once: dropout, running statistics, shuffling, a schedule, early stopping. */
async function train(
  kind: keyof typeof optimizers,
  more: Partial<FitOptions>,
): Promise<{ run: FitResult; model: Module; weights: (readonly number[])[] }> {
  manualSeed(11);
  const model = sequential(linear(2, 8), batchNorm1d(8), relu, dropout(0.3), linear(8, 2));
  if (more.resume === true) manualSeed(99); // what comes from the checkpoint must not depend on it
  const optimizer = optimizers[kind](model);
  const run = await fit(model, greater(50), {
    loss: crossEntropyLoss(),
    optimizer,
    epochs: 8,
    batchSize: 8,
    seed: 5,
    validation: greater(30, 400),
    metrics: { accuracy },
    schedule: schedules[kind](optimizer),
    earlyStopping: { patience: 4 },
    ...more,
  });
  const weights = await Promise.all(Object.values(model.stateDict()).map(async (v) => Array.from(await v.data())));
  return { run, model, weights };
}

const withoutSeconds = (epochs: readonly Epoch[]): unknown => epochs.map((e) => ({ ...e, seconds: 0 }));

describe('a resumed run continues exactly the same curve', () => {
  for (const kind of ['adam', 'sgd'] as const)
    test(`${kind}: after a whole epoch, and in the middle of one`, async () => {
      const whole = await train(kind, {});
      for (const stopAt of [7, 14, 24]) {
        const store = memoryStore();
        const abort = new AbortController();
        const first = await train(kind, {
          checkpoint: { store },
          signal: abort.signal,
          onStep: ({ step }) => {
            if (step === stopAt) abort.abort();
          },
        });
        expect(first.run.stopped).toBe('aborted');
        const second = await train(kind, { checkpoint: { store }, resume: true });
        expect(second.run.stopped).toBe(whole.run.stopped);
        expect(withoutSeconds(second.run.epochs)).toEqual(withoutSeconds(whole.run.epochs));
        expect(second.run.best.epoch).toBe(whole.run.best.epoch);
        expect(second.weights).toEqual(whole.weights);
      }
    });

  test('also if it was killed between checkpoints', async () => {
    const whole = await train('adam', {});
    const store = memoryStore();
    await expect(
      train('adam', {
        checkpoint: { store, every: 2 },
        onEpoch: ({ epoch }) => {
          if (epoch === 3) throw new Error('power cut');
        },
      }),
    ).rejects.toThrow('power cut');
    const second = await train('adam', { checkpoint: { store, every: 2 }, resume: true });
    expect(withoutSeconds(second.run.epochs)).toEqual(withoutSeconds(whole.run.epochs));
    expect(second.weights).toEqual(whole.weights);
  });

  test('with more epochs than before, and not at all once it is finished', async () => {
    const whole = await train('sgd', { epochs: 6, schedule: undefined, earlyStopping: undefined });
    const store = memoryStore();
    await train('sgd', { epochs: 4, schedule: undefined, earlyStopping: undefined, checkpoint: { store } });
    const more = { epochs: 6, schedule: undefined, earlyStopping: undefined, checkpoint: { store }, resume: true };
    const longer = await train('sgd', more);
    expect(withoutSeconds(longer.run.epochs)).toEqual(withoutSeconds(whole.run.epochs));
    const steps: number[] = [];
    const done = await train('sgd', { ...more, onStep: ({ step }) => steps.push(step) });
    expect(steps).toEqual([]);
    expect(done.run.epochs).toEqual(longer.run.epochs);
    expect(done.weights).toEqual(whole.weights);
  });

  test('from the start where there is no checkpoint', async () => {
    const { run } = await train('sgd', { epochs: 1, checkpoint: { store: memoryStore() }, resume: true });
    expect(run.epochs).toHaveLength(1);
  });
});

describe('a checkpoint that does not fit', () => {
  test('is an error that names what differs', async () => {
    const store = memoryStore();
    await train('sgd', { epochs: 1, checkpoint: { store } });
    const resumed = (more: Partial<FitOptions>): Promise<unknown> => train('sgd', { checkpoint: { store }, resume: true, ...more }); // prettier-ignore
    await expect(resumed({ batchSize: 9 })).rejects.toThrow(
      /batchSize was 8 when the checkpoint was made, and is 9 now/,
    );
    await expect(resumed({ seed: 6 })).rejects.toThrow(/seed was 5/);
    await expect(train('adam', { checkpoint: { store }, resume: true })).rejects.toThrow(/optimizer was "sgd"/);
    const small = sequential(linear(2, 2));
    const optimizer = sgd(small.parameters());
    const options = { loss: crossEntropyLoss(), optimizer, schedule: schedules.sgd(optimizer), epochs: 1, batchSize: 8, seed: 5 }; // prettier-ignore
    await expect(fit(small, greater(50), { ...options, checkpoint: { store }, resume: true })).rejects.toThrow(
      /the state does not fit the model|has shape/,
    );
  });

  test('or that is damaged is an error', async () => {
    const store = memoryStore();
    await train('sgd', { epochs: 1, checkpoint: { store } });
    const [name, bytes] = [...store.files][0];
    const resume = (): Promise<unknown> => train('sgd', { checkpoint: { store }, resume: true });
    store.files.set(name, bytes.slice(0, bytes.length - 4));
    await expect(resume()).rejects.toThrow(/Safetensors: .*truncated/);
    store.files.set(name, bytes.slice(0, 4));
    await expect(resume()).rejects.toThrow(/truncated/);
    const text = new TextDecoder('latin1').decode(bytes).replace('\\"version\\":1', '\\"version\\":7');
    store.files.set(
      name,
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
    );
    await expect(resume()).rejects.toThrow(/not written by this release/);
  });
});

describe('checkpoints in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kindling-'));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  test('are whole: one file, the old one until the new one is written', async () => {
    const inside = join(folder, 'made', 'here');
    await train('sgd', { epochs: 1, checkpoint: { folder: inside } });
    expect(await readdir(inside)).toEqual(['checkpoint.safetensors']);
    const before = await readFile(join(inside, 'checkpoint.safetensors'));
    const fs = process.getBuiltinModule('node:fs/promises');
    vi.spyOn(fs, 'rename').mockRejectedValue(Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    await expect(train('sgd', { epochs: 3, checkpoint: { folder: inside }, resume: true })).rejects.toThrow(
      /checkpoint: cannot use .*checkpoint.safetensors: the disk is full/,
    );
    expect(await readdir(inside)).toEqual(['checkpoint.safetensors']);
    expect(await readFile(join(inside, 'checkpoint.safetensors'))).toEqual(before);
  });

  test('need a folder that can be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(train('sgd', { checkpoint: { folder: join(folder, 'file') } })).rejects.toThrow(
      /checkpoint: cannot use/,
    );
  });
});

test('a store of your own may fail, and its error comes through', async () => {
  const store: CheckpointStore = {
    read: () => Promise.resolve(undefined),
    write: () => Promise.reject(new Error('quota')),
  };
  await expect(train('adam', { checkpoint: { store } })).rejects.toThrow('quota');
});

test('rmsprop, too, continues', async () => {
  const data = greater(40);
  const go = async (epochs: number, more: Partial<FitOptions> = {}): Promise<readonly Epoch[]> => {
    manualSeed(2);
    const model = sequential(linear(2, 2));
    const optimizer = rmsprop(model.parameters(), { lr: 0.01, momentum: 0.5, centered: true });
    const run = await fit(model, data, { loss: crossEntropyLoss(), optimizer, epochs, batchSize: 16, ...more });
    return run.epochs;
  };
  const whole = await go(4);
  const store = memoryStore();
  await go(2, { checkpoint: { store } });
  expect(withoutSeconds(await go(4, { checkpoint: { store }, resume: true }))).toEqual(withoutSeconds(whole));
});
